"""Roots: published vectors, and every size up to 300 against the definition."""

import hashlib
import random

import pytest

from provenance.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash, tree_root

# The test tree of Certificate Transparency (github.com/transparency-dev/merkle, testonly).
LEAVES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_published_roots(size: int, root: str) -> None:
    assert tree_root(leaf_hash(leaf) for leaf in LEAVES[:size]).hex() == root


def test_leaves_and_nodes_hash_apart() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
    assert leaf_hash(left + right) == hashlib.sha256(b"\x00" + left + right).digest()


def test_every_root_agrees_with_the_definition(definition) -> None:
    frontier = Frontier()
    assert frontier.root == EMPTY_ROOT == definition.mth(0, 0)
    for size, entry in enumerate(definition.entries, start=1):
        frontier = frontier.append([leaf_hash(entry)])
        assert frontier.size == size
        assert len(frontier.subtrees) == size.bit_count()
        assert frontier.root == definition.mth(0, size)


def test_appending_in_batches_or_from_storage_changes_nothing(definition, stored_log) -> None:
    hashes = [leaf_hash(entry) for entry in definition.entries]
    generator = random.Random(1)
    for _ in range(200):
        old, new = sorted(generator.choices(range(301), k=2))
        frontier = Frontier.of_stored_tree(stored_log.reader, old)
        assert frontier == Frontier().append(hashes[:old])
        assert frontier.append(hashes[old:new]).root == definition.mth(0, new)
        assert frontier.root == definition.mth(0, old)
