"""How many answers are right, how sure that share is, and what guessing would have reached."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_Z = 1.959964
"""Of the standard normal distribution: 95 % lie within."""


@dataclass(frozen=True, slots=True)
class Score:
    """Shares are 0..1. low, high: 95 % confidence interval of the share.
    chance: the share that these answers reach on average when they are shuffled among the
    questions."""

    right: int
    of: int
    share: float
    low: float
    high: float
    chance: float


def score(asked: Sequence[Any], seen: Sequence[Any]) -> Score:
    """The score of at least one answer in `seen` against the questions in `asked`, in order."""
    right, of = sum(a == s for a, s in zip(asked, seen, strict=True)), len(asked)
    answers = Counter(seen)
    chance = sum(count * answers[value] for value, count in Counter(asked).items()) / of**2
    return Score(right, of, right / of, *wilson(right, of), chance)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share after E. B. Wilson, "Probable Inference, the Law of Succession,
    and Statistical Inference" (1927)."""
    share = right / of
    centre = share + _Z**2 / (2 * of)
    half = _Z * math.sqrt(share * (1 - share) / of + (_Z / (2 * of)) ** 2)
    scale = 1 + _Z**2 / of
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
