"""Texts from outside that every database can store and compare."""

from typing import Annotated

from pydantic import AfterValidator


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("contains NUL or half a surrogate pair, which no database stores")
    return text


PlainText = Annotated[str, AfterValidator(_storable)]
