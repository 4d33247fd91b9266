"""The scores of wrong keys against the bound that every answer rests on."""

import math

import numpy as np

from . import clips, marks
from .attacks import Frames
from .markdown import table
from .options import Options
from .results import Row, Task, our_version
from .wrong_keys import wrong_key_scores

SECTION = "wrong_keys"
KEYS = 1_000_000
PER_TASK = 50_000
THRESHOLDS = np.arange(0, 7.01, 0.25)
"""Scores at which the tail is counted, in standard deviations of chance."""


def tasks(options: Options) -> list[Task]:
    """A million keys spread over clips without a mark and clips with another key's."""
    count = KEYS // PER_TASK // (10 if options.quick else 1)
    subjects = [*clips.clean(), *options.natural, *options.drawn]
    return [
        Task(
            SECTION,
            f"{seed}/{subjects[seed % len(subjects)]}",
            our_version(),
            measure,
            (subjects[seed % len(subjects)], seed),
        )
        for seed in range(count)
    ]


def measure(clip: str, seed: int) -> Row:
    """The tail of PER_TASK wrong keys on one clip."""
    scores = np.fromiter(wrong_key_scores(_subject(clip), PER_TASK, seed), float)
    return {
        "clip": clip,
        "keys": scores.size,
        "at_least": [int((scores >= threshold).sum()) for threshold in THRESHOLDS],
        "largest": round(float(scores.max()), 3),
    }


def _subject(clip: str) -> Frames:
    """Clips that are never marked as they are, the others with a mark of a key not tried."""
    frames = clips.load(clip) if clip in clips.clean() else marks.marked(clip)
    return frames[:16]


def empirical(rows: list[Row]) -> tuple[np.ndarray, int]:
    """Share of keys at or above each of THRESHOLDS, and how many keys there were."""
    total = sum(row["keys"] for row in rows)
    return np.sum([row["at_least"] for row in rows], axis=0) / total, total


def bound(score: float) -> float:
    """Hoeffding's bound on P(score >= t)."""
    return math.exp(-(score**2) / 2)


def gauss(score: float) -> float:
    """The same for a normal distribution."""
    return math.erfc(score / math.sqrt(2)) / 2


def summary(rows: list[Row]) -> str:
    """The tail at a few scores, and the largest."""
    shares, total = empirical(rows)
    lines = []
    for score in (2.0, 3.0, 4.0, 5.0):
        share = shares[int(np.searchsorted(THRESHOLDS, score))]
        chances = [f"{chance:.2e}" for chance in (share, gauss(score), bound(score))]
        lines.append((f"t = {score:.0f}", f"{round(share * total):,}", *chances))
    largest = max(row["largest"] for row in rows)
    expected = math.sqrt(2 * math.log(total))
    return (
        f"{total:,} wrong keys over {len({row['clip'] for row in rows})} clips, each scored at one "
        "place of the picture. The bound must lie above the share that was seen.\n\n"
        f"{table(('score', 'keys at or above', 'share', 'normal', 'bound exp(-t²/2)'), lines)}\n\n"
        f"Largest score of all keys: {largest:.2f}; the bound expects none above {expected:.2f}."
        "\n\n"
        "![tail of the scores under wrong keys](false-positive-tail.svg)"
    )
