"""Text inside text: base64, hexadecimal, percent signs, HTML entities and escapes."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

from safety.normalise.view import Edit

_ENTITIES = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPES = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_HEXADECIMAL = re.compile(r"(?<!\w)(?:0x)?[0-9A-Fa-f]{2}(?:[ :]?[0-9A-Fa-f]{2}){5,}(?!\w)")
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{12,}={0,2}(?![\w+/=-])")


def entities(text: str) -> Iterator[Edit]:
    """`&#107;` and `&amp;`."""
    return _decoded(_ENTITIES, html.unescape, text)


def percent(text: str) -> Iterator[Edit]:
    """`%6B`, as in addresses."""
    return _decoded(_PERCENT, lambda payload: _text(unquote_to_bytes(payload)), text)


def escapes(text: str) -> Iterator[Edit]:
    r"""`\x6b` and `\u006b`, as in source code."""
    return _decoded(_ESCAPES, lambda payload: _character(int(payload[2:], 16)), text)


def hexadecimal(text: str) -> Iterator[Edit]:
    """Pairs of hexadecimal digits, with spaces or without."""
    return _decoded(_HEXADECIMAL, _from_hexadecimal, text)


def base_64(text: str) -> Iterator[Edit]:
    """Base64 in either alphabet, with padding or without."""
    return _decoded(_BASE64, _from_base64, text)


def _decoded(
    payload: re.Pattern[str], decode: Callable[[str], str | None], text: str
) -> Iterator[Edit]:
    for match in payload.finditer(text):
        content = decode(match.group())
        if content is not None and content != match.group():
            yield *match.span(), content


def _from_hexadecimal(payload: str) -> str | None:
    return _text(bytes.fromhex(re.sub("[ :]|0x", "", payload)))


def _from_base64(payload: str) -> str | None:
    standard = payload.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _text(base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True))
    except binascii.Error:
        return None


def _character(point: int) -> str | None:
    return chr(point) if point <= 0x10FFFF and chr(point).isprintable() else None


def _text(content: bytes) -> str | None:
    """The bytes as text, unless they are none: most words happen to be valid base64."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if text.translate({9: 32, 10: 32, 13: 32}).isprintable() else None
