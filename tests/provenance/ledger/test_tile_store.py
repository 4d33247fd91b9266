"""Tiles grown batch by batch hold what the specification says, and give hashes and proofs back."""

import random

import pytest

from provenance.ledger.errors import FormatError, ProofError
from provenance.ledger.merkle import Frontier, leaf_hash
from provenance.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from provenance.ledger.tile_store import append, hash_reader
from provenance.ledger.tiles import grown_tiles


def test_tiles_grown_in_batches_hold_what_the_specification_says(definition, empty_log) -> None:
    log, generator = empty_log, random.Random(3)
    while log.size < 300:
        batch = definition.entries[log.size : log.size + generator.choice([0, 1, 2, 40])]
        old = log.size
        written = log.append(batch)
        tiles = [tile for tile in grown_tiles(old, log.size) if tile.level != "entries"]
        assert written == {tile.path for tile in tiles}
        for tile in tiles:
            span = 256**tile.level
            first = tile.index * 256
            assert log.tiles[tile.path] == b"".join(
                definition.mth(n * span, (n + 1) * span) for n in range(first, first + tile.width)
            )
        assert log.root == definition.mth(0, log.size)


def test_proofs_about_a_log_of_several_levels_verify(empty_log) -> None:
    entries = [b"%d" % n for n in range(70_000)]
    empty_log.append(entries[:65_000])
    old_root, old_size = empty_log.root, empty_log.size
    empty_log.append(entries[65_000:])
    read, root = empty_log.reader, empty_log.root
    assert root == Frontier().append(leaf_hash(entry) for entry in entries).root
    verify_consistency(old_size, 70_000, consistency_proof(read, old_size, 70_000), old_root, root)
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = inclusion_proof(read, index, 70_000)
        verify_inclusion(leaf_hash(entries[index]), index, 70_000, proof, root)


def test_a_proof_reads_few_tiles(empty_log) -> None:
    empty_log.append([b"%d" % n for n in range(70_000)])
    fetched: list[str] = []

    def read(path: str) -> bytes:
        fetched.append(path)
        return empty_log.tiles[path]

    inclusion_proof(hash_reader(read, 70_000), 300, 70_000)
    assert sorted(fetched) == sorted(set(fetched))
    assert len(fetched) <= 6


def test_hashes_outside_the_tree_are_not_invented(stored_log) -> None:
    for level, index in [(0, 300), (1, 150), (8, 1), (9, 0), (20, 0), (0, 2**40)]:
        with pytest.raises(ProofError):
            stored_log.reader(level, index)


@pytest.mark.parametrize("length", [0, 31, 44 * 32 - 1, 45 * 32])
def test_a_tile_of_the_wrong_length_is_refused(length: int) -> None:
    def read(_path: str) -> bytes:
        return bytes(length)

    with pytest.raises(FormatError, match=r"tile/0/001\.p/44"):
        hash_reader(read, 300)(0, 299)
    with pytest.raises(FormatError, match=r"tile/0/001\.p/44"):
        append(read, 300, [bytes(32)])


def test_a_missing_tile_is_the_stores_own_error() -> None:
    with pytest.raises(KeyError, match="tile/0/000"):
        hash_reader({}.__getitem__, 300)(0, 0)
