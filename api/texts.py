"""Texts from outside: what every database can store and compare, and how people see them."""

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

_UNSEEN = ("Cc", "Cf", "Zl", "Zp")
"""Unicode categories of what moves the cursor or turns the writing round."""


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("contains NUL or half a surrogate pair, which no database stores")
    return text


PlainText = Annotated[str, AfterValidator(_storable)]


def _spelt_out(character: str) -> str:
    return character.encode("unicode_escape").decode()


def visible(text: str, *, spell: Callable[[str], str] = _spelt_out) -> str:
    """A text that somebody else wrote, on one line: whatever a terminal would obey is spelt out, as
    `spell` does it."""
    return "".join(
        spell(character) if unicodedata.category(character) in _UNSEEN else character
        for character in text
    )


def visible_lines(text: str) -> str:
    """`visible`, except that lines stay lines."""
    return "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))
