"""Measures a trained classifier on rows that it has not seen."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.classifier import load_classifier
from safety.decision import Decision
from safety.moderation import moderate
from safety.normalise import read
from safety.passages import passages
from safety.policy import load_policy
from safety.training.corpus import CORPUS_SOURCE
from safety.training.data import Row

_Select = Callable[[Row], bool]

_LANGUAGES = ("fr", "de", "es", "it", "pt", "zh", "ar", "hi", "ru")
_DEEPFAKE = ("ncii", "political", "misinformation", "fraud")


@dataclass(frozen=True)
class Stopped:
    """Of `rows` prompts, the shares (0..1) that the shipped policy stops at all and blocks."""

    rows: int
    stopped: float
    blocked: float


@dataclass(frozen=True)
class Metrics:
    """`auroc` and `recall_at_2_percent` are the classifier's alone, clear harmful content
    against ordinary prompts, without the corpus. `groups` is the whole moderation at the shipped
    thresholds. `median` and `slowest` (of a hundred) are milliseconds of processor time of the
    rows, `longest` those of the longest prompt that the shipped policy reads."""

    auroc: float
    recall_at_2_percent: float
    groups: dict[str, Stopped]
    median: float
    slowest: float
    longest: float


def _of_corpus(row: Row, language: str) -> bool:
    return row.source == CORPUS_SOURCE and row.language == language


_GROUPS: dict[str, _Select] = {
    "ordinary prompts (en)": lambda row: (
        row.is_ordinary and row.language == "en" and row.source != CORPUS_SOURCE
    ),
    "ordinary prompts (zh)": lambda row: (
        row.is_ordinary and row.language == "zh" and row.source != CORPUS_SOURCE
    ),
    "clear harm": lambda row: row.is_clear_harm and row.source != CORPUS_SOURCE,
    "clear harm, without the authored source": lambda row: (
        row.is_clear_harm and row.source not in ("authored", CORPUS_SOURCE)
    ),
    "implicit harm": lambda row: row.harmful and row.tier == "implicit",
    "look-alikes: overt": lambda row: not row.harmful and row.source == "overt",
    "look-alikes: nibbler": lambda row: not row.harmful and row.source == "nibbler",
    "look-alikes: authored": lambda row: not row.harmful and row.source == "authored",
    "corpus, en: ordinary": lambda row: _of_corpus(row, "en") and row.is_ordinary,
    "corpus, en: look-alikes and framed": lambda row: (
        _of_corpus(row, "en") and not row.harmful and not row.is_ordinary
    ),
    "corpus, en: harmful": lambda row: _of_corpus(row, "en") and row.harmful,
    **{
        f"corpus, en: {category}": lambda row, category=category: (  # type: ignore[misc]
            _of_corpus(row, "en") and category in row.categories
        )
        for category in _DEEPFAKE
    },
    **{
        f"corpus, {language}: {kind}": lambda row, language=language, kind=kind: (  # type: ignore[misc]
            _of_corpus(row, language) and row.harmful == (kind == "harmful")
        )
        for language in _LANGUAGES
        for kind in ("harmless", "harmful")
    },
}


def measure(weights: Path, rows: Sequence[Row]) -> Metrics:
    """Measure the classifier saved as `weights` on held-out rows."""
    classifier = load_classifier(weights)
    others = [row for row in rows if row.source != CORPUS_SOURCE]
    positive, negative = (
        np.array([classifier.judge(passages(read(row.text)))[0].max() for row in group])
        for group in (
            [row for row in others if row.is_clear_harm and not row.is_about_subject_only],
            [row for row in others if row.is_ordinary],
        )
    )
    moderate("warm up", weights_path=weights)
    timed = [_timed(row.text, weights) for row in rows]
    decisions, milliseconds = zip(*timed, strict=True)
    ordinary = " ".join(row.text for row in rows if row.is_ordinary and row.language == "en")
    limit = load_policy().max_characters
    pairs = list(zip(rows, decisions, strict=True))
    groups = {name: _stopped(pairs, select) for name, select in _GROUPS.items()}
    return Metrics(
        auroc=auroc(positive, negative),
        recall_at_2_percent=float(np.mean(positive > np.quantile(negative, 0.98))),
        groups={name: result for name, result in groups.items() if result.rows},
        median=float(np.median(milliseconds)),
        slowest=float(np.quantile(milliseconds, 0.99)),
        longest=_timed(ordinary[:limit], weights)[1],
    )


def _timed(text: str, weights: Path) -> tuple[Decision, float]:
    """A decision, and the milliseconds of processor time that it took."""
    started = time.process_time()
    decision = moderate(text, weights_path=weights)
    return decision, 1000 * (time.process_time() - started)


def auroc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Probability that a random positive scores above a random negative; ties count half."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).mean() / 2 / len(negative))


def _stopped(pairs: Sequence[tuple[Row, Decision]], select: _Select) -> Stopped:
    actions = [decision.action for row, decision in pairs if select(row)]
    count = max(len(actions), 1)
    return Stopped(
        rows=len(actions),
        stopped=sum(action != "allow" for action in actions) / count,
        blocked=sum(action == "block" for action in actions) / count,
    )
