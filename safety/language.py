"""Whether a text, or a part of it, is in a language that the classifier was not measured in.

Words that are not English are looked for first, which costs next to nothing, and only a run of them
is put to a language identifier (py3langid: langid.py, Lui & Baldwin 2012, whose model of 97
languages ships inside the wheel). Names, styles and single foreign words in an English prompt are
too few for a run; a foreign sentence between English ones is not.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from safety.normalise.words import is_word

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LEAST_PROBABILITY = 0.05
"""A run of words is in another language if those supported have less than this together."""

# Scripts without spaces count by the letter.
_WORD = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_MOST_RUNS = 4
_MOST_WORDS = 60
# Known words between two unknown ones of a run: every language has some that look English.
_WIDEST_GAP = 3
_LEAST_UNKNOWN, _LEAST_UNCAPITALISED = 4, 3
# A shorter run is too little to go by, and is read with the words around it, if it is no mere name.
_LEAST_IN_CONTEXT, _CONTEXT = 2, 4


@dataclass(frozen=True)
class Foreign:
    """The likeliest language (ISO 639-1) of the least English run of a text, and the probability
    (0..1) that it is in any of the supported ones."""

    language: str
    probability: float


def find_foreign(text: str, supported: Collection[str]) -> Foreign | None:
    """The part of a text that is least likely in a supported language, if it is none of them."""
    found = [_identified(words, supported) for words in _runs(text)]
    worst = min(found, key=lambda one: one.probability, default=None)
    return worst if worst and worst.probability < LEAST_PROBABILITY else None


def _runs(text: str) -> list[list[str]]:
    """The words of the runs that look least English."""
    words = [word.group() for word in _WORD.finditer(text)]
    unknown = [number for number, word in enumerate(words) if not _is_english(word)]
    runs = []
    for run in _grouped(unknown):
        start, end = run[0], run[-1] + 1
        uncapitalised = sum(not words[number][0].isupper() for number in run)
        if len(run) < _LEAST_UNKNOWN and uncapitalised < _LEAST_UNCAPITALISED:
            if len(run) < _LEAST_IN_CONTEXT or not uncapitalised:
                continue
            start, end = max(start - _CONTEXT, 0), end + _CONTEXT
        runs.append((len(run), words[start:end][:_MOST_WORDS]))
    runs.sort(key=lambda run: -run[0])
    return [read for _, read in runs[:_MOST_RUNS]]


def _grouped(numbers: list[int]) -> Iterator[list[int]]:
    group: list[int] = []
    for number in numbers:
        if group and number - group[-1] > _WIDEST_GAP + 1:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _is_english(word: str) -> bool:
    return is_word(word.replace("’", "'").removesuffix("'s"))


def _identified(words: list[str], supported: Collection[str]) -> Foreign:
    ranked = _identifier().rank(" ".join(words))
    probability = sum(float(share) for language, share in ranked if language in supported)
    return Foreign(str(ranked[0][0]), min(probability, 1.0))


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
