"""The words of public pages in the reader's language."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import Request

LANGUAGES = {"en": "English", "fr": "Français"}
"""By code, each in its own words. The first one is for readers who want none of them."""

_TABLE = Path(__file__).with_name("words.yaml")


@cache
def words(language: str) -> dict[str, Any]:
    """Every word of the table in one of `LANGUAGES`."""
    table: dict[str, Any] = _in(language, yaml.safe_load(_TABLE.read_text("utf-8")))
    return table


def _in(language: str, entry: Any) -> Any:
    if isinstance(entry, list):
        return [_in(language, each) for each in entry]
    if entry.keys() == LANGUAGES.keys():
        return entry[language]
    return {name: _in(language, each) for name, each in entry.items()}


def language_of(request: Request) -> str:
    """What `?lang=` asks for, else what the browser likes best (RFC 9110 section 12.5.4)."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    wanted = map(_weighted, request.headers.get("accept-language", "").split(","))
    offered = [(weight, tag) for weight, tag in wanted if weight > 0 and tag in LANGUAGES]
    return max(offered, key=lambda one: one[0], default=(0, next(iter(LANGUAGES))))[1]


def _weighted(item: str) -> tuple[float, str]:
    """The weight of one item such as `fr-CH;q=0.8`, and its language."""
    tag, _, weight = item.partition(";")
    try:
        quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
    except ValueError:
        quality = 0.0
    return quality, tag.strip().partition("-")[0].lower()
