"""The shipped classifier: a linear model over hashed n-grams, in NumPy.

One output says *whether* a text is harmful, the others say *which* content category it is if so.
A category's score is the first times the second's share of the strongest, so one threshold holds
for all categories, including those with few training examples.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from safety.features import BUCKETS, hashed_ngrams
from safety.taxonomy import CONTENT_CATEGORIES

WEIGHTS_PATH = Path(__file__).with_name("weights") / "classifier.safetensors"
"""The shipped weights."""


class WeightsError(ValueError):
    """The weights file is missing, damaged, or was made for another taxonomy."""


@dataclass(frozen=True)
class Classifier:
    """Weights `(BUCKETS, 1 + categories)` float16, bias `(1 + categories,)` and calibration
    `(scale, offset)`: harm = sigmoid(scale * (logit - offset))."""

    weights: NDArray[np.float16]
    bias: NDArray[np.float32]
    calibration: NDArray[np.float32]
    version: str

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`(texts, 1 + categories)`: uncalibrated harm, then each of CONTENT_CATEGORIES."""
        rows = [self.bias + _mean_row(self.weights, hashed_ngrams(text)) for text in texts]
        return np.stack(rows).astype(np.float32)

    def scores(self, texts: Sequence[str], margin: float = 0.0) -> NDArray[np.float32]:
        """`(texts, categories)`: the score in 0..1 of each of CONTENT_CATEGORIES.

        `margin` is taken from the logit of harm.
        """
        logits = self.logits(texts)
        scale, offset = self.calibration
        harm = _sigmoid(scale * (logits[:, :1] - margin - offset))
        which = _sigmoid(logits[:, 1:])
        return np.asarray(harm * which / which.max(axis=1, keepdims=True), np.float32)


def load_classifier(path: Path = WEIGHTS_PATH) -> Classifier:
    """Read weights made by `python -m safety.training`. Raises WeightsError."""
    try:
        content = path.read_bytes()
        tensors = load(content)
        classifier = Classifier(
            weights=tensors["weights"],
            bias=tensors["bias"],
            calibration=tensors["calibration"],
            version=f"linear-ngrams-{hashlib.sha256(content).hexdigest()[:12]}",
        )
    except Exception as error:  # safetensors raises its own and several built-in types
        raise WeightsError(f"cannot read the classifier weights {path}: {error}") from error
    outputs = 1 + len(CONTENT_CATEGORIES)
    shapes = (classifier.weights.shape, classifier.bias.shape, classifier.calibration.shape)
    if shapes != ((BUCKETS, outputs), (outputs,), (2,)):
        raise WeightsError(f"{path} has other shapes than this version needs: train it again")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise WeightsError(f"{path} contains numbers that are not finite: train it again")
    return classifier


def _mean_row(weights: NDArray[np.float16], buckets: NDArray[np.int64]) -> NDArray[np.float32]:
    total = weights[buckets].sum(axis=0, dtype=np.float32)
    return np.asarray(total / np.sqrt(max(buckets.size, 1)), np.float32)


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), np.float32)
