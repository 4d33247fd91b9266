"""Inclusion and consistency proofs: published vectors, the definition, and every kind of damage."""

import hashlib
import random
from collections.abc import Callable, Iterator

import pytest

from provenance.ledger.errors import ProofError
from provenance.ledger.merkle import EMPTY_ROOT, leaf_hash, node_hash
from provenance.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

# Of the 8-leaf test tree of Certificate Transparency (github.com/transparency-dev/merkle,
# proof/verify_test.go): index and size, the entry, the root, the proof.
INCLUSION = [
    (
        (0, 8),
        "",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        (5, 8),
        "40414243",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        (2, 3),
        "10",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    ),
    (
        (1, 5),
        "00",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
# Of the same tree: both sizes, both roots, the proof.
CONSISTENCY = [
    (
        (1, 8),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        (6, 8),
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        (2, 5),
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        (6, 7),
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]

SAMPLES = random.Random(2)


def decoded(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in hashes]


def flipped(data: bytes) -> Iterator[bytes]:
    """`data` with each of its bits flipped in turn."""
    for bit in range(8 * len(data)):
        yield (int.from_bytes(data, "big") ^ (1 << bit)).to_bytes(len(data), "big")


def damaged(proof: list[bytes]) -> Iterator[list[bytes]]:
    """Proofs that are not `proof`: bits flipped, hashes missing, repeated or exchanged."""
    for i, each in enumerate(proof):
        for other in flipped(each):
            yield [*proof[:i], other, *proof[i + 1 :]]
        yield [*proof[:i], *proof[i + 1 :]]
        yield [*proof[:i], each, *proof[i:]]
        yield [*proof[:i], each[:-1], *proof[i + 1 :]]
    yield [*proof, bytes(32)]
    yield [b"", *proof]
    if len(proof) > 1:
        yield proof[::-1]


@pytest.mark.parametrize(("place", "entry", "root", "proof"), INCLUSION)
def test_published_inclusion_proofs(
    place: tuple[int, int], entry: str, root: str, proof: list[str]
) -> None:
    verify_inclusion(leaf_hash(bytes.fromhex(entry)), *place, decoded(proof), bytes.fromhex(root))


@pytest.mark.parametrize(("sizes", "old_root", "new_root", "proof"), CONSISTENCY)
def test_published_consistency_proofs(
    sizes: tuple[int, int], old_root: str, new_root: str, proof: list[str]
) -> None:
    verify_consistency(*sizes, decoded(proof), bytes.fromhex(old_root), bytes.fromhex(new_root))


def test_the_example_of_the_specification(definition, stored_log) -> None:
    """C2SP merkle-tree, "Example": the proofs of a tree of seven entries by their letters."""
    a, b, c, d, e, f, g = (definition.mth(i, i + 1) for i in range(7))
    h, i, j = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, end = node_hash(h, i), node_hash(j, g)
    read = stored_log.reader
    assert inclusion_proof(read, 0, 7) == [b, i, end]
    assert inclusion_proof(read, 3, 7) == [c, h, end]
    assert inclusion_proof(read, 4, 7) == [f, g, k]
    assert inclusion_proof(read, 6, 7) == [j, k]
    assert consistency_proof(read, 3, 7) == [c, d, h, end]
    assert consistency_proof(read, 4, 7) == [end]
    assert consistency_proof(read, 6, 7) == [j, g, k]


def test_inclusion_in_every_size_agrees_with_the_definition(definition, stored_log) -> None:
    read = stored_log.reader
    for size in range(1, 301):
        root = definition.mth(0, size)
        for index in {0, size - 1, *SAMPLES.choices(range(size), k=4)}:
            proof = inclusion_proof(read, index, size)
            assert proof == definition.path(index, 0, size)
            verify_inclusion(definition.mth(index, index + 1), index, size, proof, root)


def test_consistency_to_every_size_agrees_with_the_definition(definition, stored_log) -> None:
    read = stored_log.reader
    for new in range(1, 301):
        for old in {1, new, *SAMPLES.choices(range(1, new + 1), k=4)}:
            proof = consistency_proof(read, old, new)
            assert proof == definition.subproof(old, 0, new, True)
            verify_consistency(old, new, proof, definition.mth(0, old), definition.mth(0, new))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 300])
def test_no_change_to_an_inclusion_proof_goes_unnoticed(size: int, definition, stored_log) -> None:
    for index in {0, size // 2, size - 1}:
        leaf, root = definition.mth(index, index + 1), definition.mth(0, size)
        proof = inclusion_proof(stored_log.reader, index, size)
        changes = [
            *((other, index, size, proof, root) for other in flipped(leaf)),
            *((leaf, index, size, proof, other) for other in flipped(root)),
            *((leaf, index, size, other, root) for other in damaged(proof)),
            *((leaf, other, size, proof, root) for other in range(-1, size + 2) if other != index),
            (leaf, index, 0, proof, root),
            (leaf, index, 2 * size, proof, root),
            (leaf[:-1], index, size, proof, root),
        ]
        for change in changes:
            with pytest.raises(ProofError):
                verify_inclusion(*change)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (4, 7), (6, 8), (8, 9), (100, 300)])
def test_no_change_to_a_consistency_proof_goes_unnoticed(
    old: int, new: int, definition, stored_log
) -> None:
    old_root, new_root = definition.mth(0, old), definition.mth(0, new)
    proof = consistency_proof(stored_log.reader, old, new)
    changes = [
        *((old, new, proof, other, new_root) for other in flipped(old_root)),
        *((old, new, proof, old_root, other) for other in flipped(new_root)),
        *((old, new, other, old_root, new_root) for other in damaged(proof)),
        *((other, new, proof, old_root, new_root) for other in range(-1, new + 2) if other != old),
        (old, new, [], old_root, new_root),
        (old, new, proof, new_root, old_root),
        (old, 2 * new, proof, old_root, new_root),
        (old, new, proof, old_root[:-1], new_root),
    ]
    for change in changes:
        with pytest.raises(ProofError):
            verify_consistency(*change)


def test_consistency_at_the_edges(definition, stored_log) -> None:
    """C2SP merkle-tree, "Verification": from nothing, and of a tree with itself."""
    root, other = definition.mth(0, 5), definition.mth(0, 6)
    assert consistency_proof(stored_log.reader, 0, 5) == []
    assert consistency_proof(stored_log.reader, 5, 5) == []
    verify_consistency(0, 5, [], EMPTY_ROOT, root)
    verify_consistency(5, 5, [], root, root)
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    for old, new, proof, old_root in [
        (0, 5, [root], EMPTY_ROOT),
        (5, 5, [root], root),
        (5, 5, [], other),
        (5, 4, [], other),
        (0, 0, [], other),
    ]:
        with pytest.raises(ProofError):
            verify_consistency(old, new, proof, old_root, root)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda read: inclusion_proof(read, 5, 5),
        lambda read: inclusion_proof(read, -1, 5),
        lambda read: inclusion_proof(read, 0, 0),
        lambda read: consistency_proof(read, 6, 5),
        lambda read: consistency_proof(read, -1, 5),
        lambda read: inclusion_proof(read, 0, 301),
    ],
)
def test_impossible_proofs_are_not_made(impossible: Callable, stored_log) -> None:
    with pytest.raises(ProofError):
        impossible(stored_log.reader)


def test_hashes_of_another_length_are_refused() -> None:
    """Two of the vectors of transparency-dev/merkle: nothing is not equal to nothing."""
    for empty in (b"", bytes(31), bytes(33)):
        with pytest.raises(ProofError, match="not 32 bytes"):
            verify_inclusion(empty, 0, 1, [], empty)
        with pytest.raises(ProofError, match="not 32 bytes"):
            verify_consistency(5, 5, [], empty, empty)


def test_errors_say_what_does_not_match(definition, stored_log) -> None:
    proof = inclusion_proof(stored_log.reader, 3, 8)
    leaf, root = definition.mth(3, 4), definition.mth(0, 8)
    for change, message in [
        ((leaf, 8, 8, proof, root), "no entry 8 in a tree of 8"),
        ((leaf, 3, 8, proof[:-1], root), "too few hashes for entry 3 of 8"),
        ((leaf, 3, 8, [*proof, root], root), "too many hashes for entry 3 of 8"),
        ((leaf, 2, 8, proof, root), "not number 2 of the 8 under this root"),
    ]:
        with pytest.raises(ProofError, match=message):
            verify_inclusion(*change)
    proof = consistency_proof(stored_log.reader, 6, 8)
    old, new = definition.mth(0, 6), root
    for change, message in [
        ((8, 6, proof, new, old), "a tree of 6 entries cannot have grown from 8"),
        ((6, 8, [], old, new), "the proof from size 6 to 8 is empty"),
        ((6, 8, proof[:-1], old, new), "too few hashes for sizes 6 to 8"),
        ((6, 8, [*proof, root], old, new), "too many hashes for sizes 6 to 8"),
        ((6, 8, proof, new, new), "not lead to the root of the 6 old entries"),
        ((6, 8, proof, old, old), "not lead to the root of the 8 new entries"),
        ((6, 6, [], old, new), "two trees of 6 entries have different roots"),
        ((6, 6, [root], old, old), "the proof from size 6 to 6 has to be empty"),
    ]:
        with pytest.raises(ProofError, match=message):
            verify_consistency(*change)


# Printed in the documentation: it needs Python's standard library and nothing of this project.
def included(entry: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    digest = hashlib.sha256(b"\x00" + entry).digest()
    place, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            digest = hashlib.sha256(b"\x01" + sibling + digest).digest()
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            digest = hashlib.sha256(b"\x01" + digest + sibling).digest()
        place, last = place // 2, last // 2
    return 0 <= index < size and last == 0 and digest == root


def test_a_few_lines_of_standard_library_verify_inclusion(definition, stored_log) -> None:
    for size in range(1, 301, 7):
        root = definition.mth(0, size)
        for index in SAMPLES.choices(range(size), k=3):
            entry = definition.entries[index]
            proof = inclusion_proof(stored_log.reader, index, size)
            assert included(entry, index, size, proof, root)
            assert not included(entry + b"!", index, size, proof, root)
            assert not included(entry, index + 1, size, proof, root)
            assert not included(entry, index, size, [*proof, root], root)
            assert not included(entry, index, size, proof, EMPTY_ROOT)
