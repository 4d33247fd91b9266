"""The fields of the log's text formats: base64, decimal numbers and text, in one spelling each.

Other spellings of the same value are refused, so that no byte of a proof can change unnoticed.
"""

import base64
import re

from provenance.ledger.errors import FormatError
from provenance.ledger.merkle import HASH_SIZE

MAX_NUMBER = 2**63 - 1
"""The largest size, index or timestamp: what other implementations keep in an int64."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x09\x0b-\x1f]")


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, what: str) -> bytes:
    """The inverse of `encode_base64`. Raises FormatError naming `what` for anything else."""
    try:
        data = base64.b64decode(text)
    except ValueError as error:
        raise FormatError(f"{what} is not base64") from error
    # Python overlooks foreign characters and left-over bits.
    if encode_base64(data) != text:
        raise FormatError(f"{what} is not base64 as RFC 4648 spells it")
    return data


def decode_hash(text: str, what: str) -> bytes:
    """A SHA-256 hash in base64. Raises FormatError naming `what` for anything else."""
    data = decode_base64(text, what)
    if len(data) != HASH_SIZE:
        raise FormatError(f"{what} is {len(data)} bytes long instead of {HASH_SIZE}")
    return data


def decode_number(text: str, what: str) -> int:
    """A decimal number from 0 to 2**63 - 1 without sign or leading zeros.

    Raises FormatError naming `what` for anything else.
    """
    if _DECIMAL.fullmatch(text) is None or int(text) > MAX_NUMBER:
        raise FormatError(f"{what} is not a decimal number from 0 to {MAX_NUMBER}")
    return int(text)


def decode_text(data: bytes, what: str) -> str:
    """UTF-8. Raises FormatError naming `what` for anything else."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"{what} is not UTF-8") from error


def check_characters(text: str) -> None:
    """Raises FormatError for what no note may contain (C2SP signed-note, "Format").

    That is control characters other than the newline, and text that has no UTF-8.
    """
    if _CONTROL_CHARACTER.search(text):
        raise FormatError("a note contains no control characters but newlines")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FormatError("a note contains no lone surrogates") from error
