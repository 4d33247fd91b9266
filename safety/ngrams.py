"""A linear model over hashed n-grams, in NumPy: it knows words and their spelling, in any language
it was fitted to, and reads a text in a fraction of a millisecond."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safety.features import hashed_ngrams


@dataclass(frozen=True)
class NGrams:
    """Weights `(BUCKETS, outputs)` float16 and bias `(outputs,)` float32."""

    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`(texts, outputs)` for at least one text."""
        rows = [self.bias + self._mean_row(hashed_ngrams(text)) for text in texts]
        return np.stack(rows).astype(np.float32)

    def _mean_row(self, buckets: NDArray[np.int64]) -> NDArray[np.float32]:
        total = self.weights[buckets].sum(axis=0, dtype=np.float32)
        return np.asarray(total / np.sqrt(max(buckets.size, 1)), np.float32)
