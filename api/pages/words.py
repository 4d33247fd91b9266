"""The words of public pages in the reader's language."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import Request

from provenance.phrases import Language

LANGUAGES: dict[Language, str] = {"en": "English", "fr": "Français"}
"""By code, each in its own words. The first one is for readers who want none of them."""

_TABLE = Path(__file__).with_name("words.yaml")


@cache
def words(language: Language) -> dict[str, Any]:
    """Every word of the table in one of `LANGUAGES`."""
    table: dict[str, Any] = _in(language, yaml.safe_load(_TABLE.read_text("utf-8")))
    return table


def _in(language: Language, entry: Any) -> Any:
    if isinstance(entry, list):
        return [_in(language, each) for each in entry]
    if entry.keys() == LANGUAGES.keys():
        return entry[language]
    return {name: _in(language, each) for name, each in entry.items()}


def language_of(request: Request) -> Language:
    """What `?lang=` asks for, else what the browser likes best (RFC 9110 section 12.5.4)."""
    items = request.headers.get("accept-language", "").split(",")
    weights = {tag: weight for weight, tag in sorted(map(_weighted, items))}
    weights[request.query_params.get("lang", "")] = math.inf
    return max(LANGUAGES, key=lambda language: weights.get(language, 0.0))


def _weighted(item: str) -> tuple[float, str]:
    """The weight of one item such as `fr-CH;q=0.8`, and its language."""
    tag, _, weight = item.partition(";")
    try:
        quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
    except ValueError:
        quality = 0.0
    return quality, tag.strip().partition("-")[0].lower()
