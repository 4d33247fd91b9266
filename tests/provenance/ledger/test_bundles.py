"""Entry bundles."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.bundles import MAX_ENTRY_BYTES, decode_bundle, encode_bundle
from provenance.ledger.errors import FormatError


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


def test_lengths_are_big_endian() -> None:
    assert encode_bundle([b"ab", b"", b"c" * 258]) == b"\x00\x02ab\x00\x00\x01\x02" + b"c" * 258


def test_the_longest_entry() -> None:
    longest = bytes(MAX_ENTRY_BYTES)
    assert decode_bundle(encode_bundle([longest]), 1) == [longest]
    with pytest.raises(FormatError):
        encode_bundle([longest + b"!"])


@pytest.mark.parametrize(
    ("data", "width"),
    [(b"", 1), (b"\x00\x01a", 2), (b"\x00\x01a", 0), (b"\x00\x02a", 1), (b"\x00", 1), (b"\x01", 0)],
)
def test_malformed_bundles_are_refused(data: bytes, width: int) -> None:
    with pytest.raises(FormatError):
        decode_bundle(data, width)


@given(st.binary(max_size=600), st.integers(0, 4))
def test_any_bytes_are_a_bundle_or_refused(data: bytes, width: int) -> None:
    with contextlib.suppress(FormatError):
        assert encode_bundle(decode_bundle(data, width)) == data
