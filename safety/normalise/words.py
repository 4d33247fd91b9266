"""What English looks like: known words, glued words taken apart, slips put right.

This is how a reading is told from its disguise: "k1ll" is no word and "kill" is one.
"""

import math
import string
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from safety.likeness import words_of_names

WORDS_PATH = Path(__file__).with_name("words.txt")
"""The shipped words, with their origin."""

_LONGEST = 16
_SHORTEST_CORRECTED = 4
# A letter that belongs to no word costs as much as a rare word.
_STRAY = 14.0
# Glued English costs 1.3 to 2.8 a letter; random letters, ciphers and reversed text from 5.
_HIGHEST_COST = 3.2


def is_word(text: str) -> bool:
    """Whether a text is one known English word, in any case."""
    return text.lower() in _costs()


def parted(letters: str) -> list[str] | None:
    """Words that were glued together, in the case of the text; None if it is not English.

    The cheapest split under word frequencies after Zipf's law. Linear in the text's length.
    """
    costs = _costs()
    lower = letters.lower()
    best = [(0.0, 0)]
    for end in range(1, len(lower) + 1):
        cheapest = best[end - 1][0] + _STRAY, end - 1
        for start in range(max(end - _LONGEST, 0), end):
            cost = costs.get(lower[start:end])
            if cost is not None and best[start][0] + cost < cheapest[0]:
                cheapest = best[start][0] + cost, start
        best.append(cheapest)
    if not lower or best[-1][0] / len(lower) > _HIGHEST_COST:
        return None
    parts, end = [], len(letters)
    while end:
        start = best[end][1]
        parts.append(letters[start:end])
        end = start
    return parts[::-1]


def reads(letters: str) -> bool:
    """Whether letters are an English word or several glued ones."""
    return is_word(letters) or (len(letters) > 5 and parted(letters) is not None)


def commonest(candidates: Iterable[str]) -> str | None:
    """The most frequent word among the candidates, or None if none is a word."""
    costs = _costs()
    words = [candidate for candidate in candidates if candidate.lower() in costs]
    return min(words, key=lambda word: costs[word.lower()], default=None)


def corrected(word: str) -> str | None:
    """The most frequent word that is one slip away (Norvig 2007), or None."""
    if len(word) < _SHORTEST_CORRECTED or len(word) > _LONGEST:
        return None
    return commonest(_one_slip_away(word.lower()))


def _one_slip_away(word: str) -> set[str]:
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(left + right[1:] for left, right in halves if right),
        *(left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1),
        *(left + letter + right[1:] for left, right in halves if right for letter in letters),
        *(left + letter + right for left, right in halves for letter in letters),
    }


@cache
def known_words() -> tuple[str, ...]:
    """The words, the most frequent first, then those of listed names."""
    lines = WORDS_PATH.read_text(encoding="utf-8").splitlines()
    words = dict.fromkeys(line for line in lines if not line.startswith("#"))
    return (*words, *sorted(words_of_names() - words.keys()))


@cache
def _costs() -> dict[str, float]:
    """Every word and its cost, the negative logarithm of its frequency after Zipf's law."""
    words = known_words()
    scale = math.log(len(words))
    return {word: math.log(rank * scale) for rank, word in enumerate(words, 1)}
