"""Fits the linear model over n-grams."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits

from safety.features import BUCKETS, hashed_ngrams
from safety.ngrams import NGrams
from safety.taxonomy import CONTENT_CATEGORIES
from safety.training.data import Row
from safety.training.targets import as_read, targets

_EPOCHS = 8
_BATCH = 256
_PEAK_RATE = 0.03


def fit(rows: Sequence[Row], seed: int) -> NGrams:
    """Train the linear model. Same rows, seed and thread count, same weights."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    outputs = 1 + len(CONTENT_CATEGORIES)
    features = [hashed_ngrams(as_read(row.text)) for row in rows]
    wanted, importance = targets(rows)
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
            losses = binary_cross_entropy_with_logits(logits, wanted[batch], reduction="none")
            loss = (losses * importance[batch]).sum() / len(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return NGrams(
        weights=table.weight.detach().numpy().astype(np.float16),
        bias=bias.detach().numpy().astype(np.float32),
    )


def _forward(table: torch.nn.EmbeddingBag, batch: list[NDArray[np.int64]]) -> torch.Tensor:
    sizes = np.array([features.size for features in batch])
    scale = np.repeat(np.maximum(sizes, 1) ** -0.5, sizes).astype(np.float32)
    logits: torch.Tensor = table(
        torch.from_numpy(np.concatenate(batch)),
        torch.from_numpy(np.cumsum(sizes) - sizes),
        per_sample_weights=torch.from_numpy(scale),
    )
    return logits
