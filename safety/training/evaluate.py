"""Measures a trained classifier on rows that it has not seen."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.classifier import Classifier
from safety.decision import Decision
from safety.moderation import moderate
from safety.training.data import Row
from safety.training.fit import worst_logit

_Select = Callable[[Row], bool]


@dataclass(frozen=True)
class Stopped:
    """Of `rows` prompts, the shares (0..1) that the shipped policy stops at all and blocks."""

    rows: int
    stopped: float
    blocked: float


@dataclass(frozen=True)
class Metrics:
    """`auroc` and `recall_at_2_percent` are the classifier's alone, clear harmful content
    against ordinary prompts. `groups` is the whole moderation at the shipped thresholds.
    `milliseconds` is the mean for one prompt."""

    auroc: float
    recall_at_2_percent: float
    groups: dict[str, Stopped]
    milliseconds: float


_GROUPS: dict[str, _Select] = {
    "ordinary prompts (en)": lambda row: row.is_ordinary and row.language == "en",
    "ordinary prompts (zh)": lambda row: row.is_ordinary and row.language == "zh",
    "clear harm": lambda row: row.is_clear_harm,
    "clear harm, without the authored source": lambda row: (
        row.is_clear_harm and row.source != "authored"
    ),
    "implicit harm": lambda row: row.harmful and row.tier == "implicit",
    "look-alikes: overt": lambda row: not row.harmful and row.source == "overt",
    "look-alikes: nibbler": lambda row: not row.harmful and row.source == "nibbler",
    "look-alikes: authored": lambda row: not row.harmful and row.source == "authored",
}


def measure(classifier: Classifier, weights: Path, rows: Sequence[Row]) -> Metrics:
    """Measure `classifier`, saved as `weights`, on held-out rows."""
    judged = [
        row
        for row in rows
        if row.is_ordinary or (row.is_clear_harm and not row.is_about_subject_only)
    ]
    logits = [worst_logit(classifier, row.text) for row in judged]
    positive = np.array([score for row, score in zip(judged, logits, strict=True) if row.harmful])
    negative = np.array(
        [score for row, score in zip(judged, logits, strict=True) if not row.harmful]
    )
    moderate("warm up", weights_path=weights)
    started = time.perf_counter()
    decisions = [moderate(row.text, weights_path=weights) for row in rows]
    elapsed = time.perf_counter() - started
    pairs = list(zip(rows, decisions, strict=True))
    groups = {name: _stopped(pairs, select) for name, select in _GROUPS.items()}
    return Metrics(
        auroc=auroc(positive, negative),
        recall_at_2_percent=float(np.mean(positive > np.quantile(negative, 0.98))),
        groups={name: result for name, result in groups.items() if result.rows},
        milliseconds=1000 * elapsed / max(len(rows), 1),
    )


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
