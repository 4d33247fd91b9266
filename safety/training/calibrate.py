"""Gives the scores of a classifier a meaning."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safety.classifier import Calibration, mix, read_most_suspicious
from safety.encoder import Encoder
from safety.ngrams import NGrams
from safety.normalise import read
from safety.passages import passages
from safety.training.data import Row

# Where calibration puts ordinary prompts: this share of them scores above 0.5, and above 0.8.
_REVIEW_SHARE, _REVIEW_SCORE = 0.015, 0.5
_BLOCK_SHARE, _BLOCK_SCORE = 0.0025, 0.8
# The shares are six prompts and one of those there are, so they are read off a curve: the tail of
# the scores above this share, which falls off exponentially (peaks over threshold).
_TAIL = 0.1


def calibrate(ngrams: NGrams, encoder: Encoder, rows: Sequence[Row]) -> Calibration:
    """What makes the policy's thresholds mean the same after every training.

    Of `rows`, which took no part in training, the ordinary English prompts decide: other languages
    go to review whatever they score.
    """
    alone, together = [], []
    for row in rows:
        if row.is_ordinary and row.language == "en":
            found = passages(read(row.text))
            margins = np.fromiter(found.values(), np.float32)
            linear = ngrams.logits(list(found))[:, 0]
            alone.append((linear - margins).max())
            learned = read_most_suspicious(encoder, found, linear, -np.inf)
            together.append(
                max(
                    float(mix(linear[number], logits[0])) - margins[number]
                    for number, logits in learned.items()
                )
            )
    return Calibration(_scale_and_offset(np.array(alone)), _scale_and_offset(np.array(together)))


def _scale_and_offset(ordinary: NDArray[np.floating]) -> NDArray[np.float32]:
    """What puts the shares of ordinary prompts, by their highest logits, where they belong."""
    start = np.quantile(ordinary, 1 - _TAIL)
    mean_excess = (ordinary[ordinary > start] - start).mean()
    review, block = start + mean_excess * np.log(_TAIL / np.array([_REVIEW_SHARE, _BLOCK_SHARE]))
    gap = np.log(_BLOCK_SCORE / (1 - _BLOCK_SCORE)) - np.log(_REVIEW_SCORE / (1 - _REVIEW_SCORE))
    scale = gap / (block - review)
    return np.array([scale, scale * review], np.float32)
