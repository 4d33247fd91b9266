"""Fits the linear classifier and calibrates its scores."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits

from safety.classifier import Classifier
from safety.features import BUCKETS, PART_MARGIN, hashed_ngrams, sentences, windows
from safety.likeness import anonymised
from safety.normalise import read
from safety.taxonomy import CONTENT_CATEGORIES
from safety.training.data import Row

_EPOCHS = 8
_BATCH = 256
_PEAK_RATE = 0.03
_CROSS_FOLDS = 5
# Harmful prompts are the smaller part; this weight and that of authored rows (data.py) were
# chosen together by cross-validated recall over the training rows.
_HARMFUL_PROMPT_WEIGHT = 4.0

# Where calibration puts ordinary prompts: this share of them scores above 0.5, and above 0.8.
_REVIEW_SHARE, _REVIEW_SCORE = 0.008, 0.5
_BLOCK_SHARE, _BLOCK_SCORE = 0.0025, 0.8


def fit(rows: Sequence[Row], seed: int) -> Classifier:
    """Train a classifier, not yet calibrated. Same rows, seed and thread count, same weights."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    outputs = 1 + len(CONTENT_CATEGORIES)
    features = [_features(row.text) for row in rows]
    targets, importance = _targets(rows)
    table = torch.nn.EmbeddingBag(BUCKETS, outputs, mode="sum")
    torch.nn.init.zeros_(table.weight)
    bias = torch.nn.Parameter(torch.zeros(outputs))
    optimiser = torch.optim.Adam([table.weight, bias], lr=_PEAK_RATE)
    steps = _EPOCHS * -(-len(rows) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _PEAK_RATE, total_steps=steps)
    for _ in range(_EPOCHS):
        shuffled = order.permutation(len(rows))
        for start in range(0, len(rows), _BATCH):
            batch = shuffled[start : start + _BATCH]
            logits = _forward(table, [features[i] for i in batch]) + bias
            losses = binary_cross_entropy_with_logits(logits, targets[batch], reduction="none")
            loss = (losses * importance[batch]).sum() / len(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return Classifier(
        weights=table.weight.detach().numpy().astype(np.float16),
        bias=bias.detach().numpy().astype(np.float32),
        calibration=np.array([1, 0], np.float32),
        version="training",
    )


def calibrate(classifier: Classifier, rows: Sequence[Row], seed: int) -> Classifier:
    """Scale a classifier's scores so that the policy's thresholds mean the same after retraining.

    `rows` are its training rows: each ordinary one is scored by a model fitted without its fold,
    so no model judges what it has seen.
    """
    logits: list[float] = []
    for held in range(_CROSS_FOLDS):
        others = [row for row in rows if row.fold % _CROSS_FOLDS != held]
        ordinary = [row for row in rows if row.fold % _CROSS_FOLDS == held and row.is_ordinary]
        if ordinary:
            model = fit(others, seed)
            logits.extend(worst_logit(model, row.text) for row in ordinary)
    review, block = np.quantile(logits, [1 - _REVIEW_SHARE, 1 - _BLOCK_SHARE])
    gap = np.log(_BLOCK_SCORE / (1 - _BLOCK_SCORE)) - np.log(_REVIEW_SCORE / (1 - _REVIEW_SCORE))
    scale = gap / max(block - review, 0.1)
    return replace(classifier, calibration=np.array([scale, review], np.float32))


def worst_logit(classifier: Classifier, text: str) -> float:
    """The highest uncalibrated harm logit over all that moderation classifies of a text, that of
    a part less its margin."""
    reading = read(text)
    wholes = [anonymised(view.text) for view in reading.views]
    parts = [window for whole in wholes for window in windows(whole)]
    parts += sentences(anonymised(reading.content.text))
    logits = classifier.logits([*wholes, *parts])[:, 0]
    logits[len(wholes) :] -= PART_MARGIN
    return float(logits.max())


@cache
def _features(text: str) -> NDArray[np.int64]:
    return hashed_ngrams(anonymised(read(text).views[0].text))


def _targets(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and their importance, both `(rows, 1 + categories)`.

    The category outputs learn from harmful rows that have a content category, and only those.
    """
    targets = np.zeros((len(rows), 1 + len(CONTENT_CATEGORIES)), np.float32)
    importance = np.zeros_like(targets)
    for index, row in enumerate(rows):
        targets[index, 0] = row.harmful
        is_harmful_prompt = row.harmful and row.domain in ("t2v", "t2i")
        weight = row.weight * (_HARMFUL_PROMPT_WEIGHT if is_harmful_prompt else 1)
        importance[index, 0] = weight
        present = [name in row.categories for name in CONTENT_CATEGORIES]
        if row.harmful and any(present):
            targets[index, 1:] = present
            importance[index, 1:] = weight
    return torch.from_numpy(targets), torch.from_numpy(importance)


def _forward(table: torch.nn.EmbeddingBag, batch: list[NDArray[np.int64]]) -> torch.Tensor:
    sizes = np.array([features.size for features in batch])
    scale = np.repeat(np.maximum(sizes, 1) ** -0.5, sizes).astype(np.float32)
    logits: torch.Tensor = table(
        torch.from_numpy(np.concatenate(batch)),
        torch.from_numpy(np.cumsum(sizes) - sizes),
        per_sample_weights=torch.from_numpy(scale),
    )
    return logits
