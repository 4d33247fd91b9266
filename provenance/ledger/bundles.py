"""Entry bundles: up to 256 logged entries in one file (C2SP tlog-tiles, "Log entries")."""

from collections.abc import Sequence

from provenance.ledger.errors import FormatError

MAX_ENTRY_BYTES = 0xFFFF
"""An entry's length is written as a big-endian uint16."""


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry after its length. Raises FormatError for an entry over 65,535 bytes."""
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise FormatError(f"an entry is longer than {MAX_ENTRY_BYTES} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle. Raises FormatError unless there are exactly `width`."""
    entries = []
    position = 0
    while position < len(data):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        if position > len(data):
            raise FormatError("the entry bundle breaks off inside an entry")
        entries.append(data[start:position])
    if len(entries) != width:
        raise FormatError(f"the entry bundle holds {len(entries)} entries instead of {width}")
    return entries
