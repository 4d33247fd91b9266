"""Rows for training, and the split that keeps the test honest.

A row is a JSON object with `text`, `label` (allow or block), `categories`, `source`, `domain`
(t2v, t2i, chat, text or caption), `tier`, `lang` and `group`. Rows of one group are variations of
one prompt and never fall on both sides of a split.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from safety.taxonomy import CONTENT_CATEGORIES, TAXONOMY

# Only languages with harmless rows too: from one-sided ones a model learns that the language
# itself is harmful.
_LANGUAGES = ("en", "zh")
# Chat rows are almost all harmful and questions; I2P's labels describe images, not its texts.
_DOMAIN_WEIGHT = {"t2v": 1.0, "t2i": 1.0, "caption": 1.0, "text": 0.3, "chat": 0.2}
_TIER_WEIGHT = {"noisy": 0.2, "implicit": 0.5}
# Templates repeat themselves, so their rows say less than as many prompts written by people.
_SOURCE_WEIGHT = {"signet_authored": 0.5}
# What the encoder can learn from: its tokens are of Latin letters.
_ENCODER_LANGUAGES = ("en", "fr", "de", "es", "it", "pt")
_SUBJECTS = frozenset(TAXONOMY) - frozenset(CONTENT_CATEGORIES)
_FOLDS = 10
_TEST_FOLDS = (0, 1)
_CALIBRATION_FOLD = 9


class DataError(ValueError):
    """A training file cannot be read. The message names the line."""


@dataclass(frozen=True)
class Row:
    """One labelled prompt."""

    text: str
    label: Literal["allow", "block"]
    categories: tuple[str, ...]
    source: str
    domain: str
    tier: str
    language: str
    group: str

    @property
    def harmful(self) -> bool:
        return self.label == "block"

    @property
    def weight(self) -> float:
        """How much the label counts in training, 0..1."""
        return (
            _DOMAIN_WEIGHT.get(self.domain, 0.3)
            * _TIER_WEIGHT.get(self.tier, 1.0)
            * _SOURCE_WEIGHT.get(self.source, 1.0)
        )

    @property
    def is_about_subject_only(self) -> bool:
        """Harmful only for who is depicted. The rules find that; the words around it are harmless
        and would teach the content classifier that a name is harm."""
        return self.harmful and bool(self.categories) and _SUBJECTS.issuperset(self.categories)

    @property
    def fold(self) -> int:
        """0..9, by a hash of the group alone, so that added rows move no other."""
        return int(hashlib.sha256(self.group.encode()).hexdigest(), 16) % _FOLDS

    @property
    def held_out(self) -> bool:
        """Whether this row is for the final measurement only (two of ten folds)."""
        return self.fold in _TEST_FOLDS

    @property
    def is_prompt(self) -> bool:
        """Whether this is a prompt for a video or picture, or what one could be made of."""
        return self.domain in ("t2v", "t2i", "caption")

    @property
    def is_for_encoder(self) -> bool:
        """Whether the encoder trains on this row: a prompt with a certain label, in a language it
        has tokens for. It knows English already and needs no texts of other kinds."""
        return self.language in _ENCODER_LANGUAGES and self.is_prompt and self.tier != "noisy"

    @property
    def is_ordinary(self) -> bool:
        """A harmless text-to-video or text-to-image prompt, not a look-alike of a harmful one."""
        return not self.harmful and self.is_prompt and self.tier.startswith("benign")

    @property
    def is_clear_harm(self) -> bool:
        """A harmful text-to-video or text-to-image prompt that raters agree on."""
        return (
            self.harmful and self.domain in ("t2v", "t2i") and self.tier in ("clear", "contextual")
        )


def read_rows(path: Path) -> list[Row]:
    """Read a JSON Lines file, keeping the supported languages. Raises DataError."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            row = Row(
                text=fields["text"],
                label=fields["label"],
                categories=tuple(fields["categories"]),
                source=fields["source"],
                domain=fields["domain"],
                tier=fields["tier"],
                language=fields["lang"],
                group=fields["group"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}, line {number}: {error!r}") from error
        if row.label not in ("allow", "block"):
            raise DataError(f"{path}, line {number}: label must be allow or block")
        if row.language in _LANGUAGES:
            rows.append(row)
    return rows


@dataclass(frozen=True)
class Parts:
    """Rows to train on, to calibrate with, and to measure with only."""

    training: list[Row]
    calibration: list[Row]
    test: list[Row]


def split(rows: Sequence[Row]) -> Parts:
    """Parts without a text in common.

    A text in several (under other groups) stays in the last of them only.
    """
    test = [row for row in rows if row.held_out]
    seen = {row.text.casefold() for row in test}
    others = [
        row
        for row in rows
        if not (row.held_out or row.is_about_subject_only or row.text.casefold() in seen)
    ]
    calibration = [row for row in others if row.fold == _CALIBRATION_FOLD]
    seen = {row.text.casefold() for row in calibration}
    training = [
        row for row in others if row.fold != _CALIBRATION_FOLD and row.text.casefold() not in seen
    ]
    return Parts(training, calibration, test)
