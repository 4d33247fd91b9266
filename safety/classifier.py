"""The shipped classifier: a linear model over n-grams, and a small transformer beside it.

Each has one output that says *whether* a text is harmful and others that say *which* content
category it is if so. A category's score is the first times the second's share of the strongest, so
one threshold holds for all categories, including those with few training examples.

The n-grams score every passage of a prompt. The transformer reads the most suspicious of them, so
that the time is bounded, and the two logits are mixed; what it has no tokens for, has no time for,
or could not make harmful, is judged by the n-grams alone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load

from safety.encoder import Encoder, encoder_of
from safety.features import BUCKETS
from safety.ngrams import NGrams
from safety.taxonomy import CONTENT_CATEGORIES

WEIGHTS_PATH = Path(__file__).with_name("weights") / "classifier.safetensors"
"""The shipped n-grams and calibration. The files of the encoder lie beside it."""

ENCODER_FILE, TOKENIZER_FILE = "encoder.onnx", "tokenizer.json"

ENCODER_SHARE = 0.3
"""The encoder's share of a logit. Chosen on the calibration rows."""

MOST_READ = 160
"""The transformer reads so many tokens of one prompt, over all its passages."""

HIGHEST_ANSWER = 6.0
"""The encoder's logit of harm is cut here, so that it is known before reading what it may add."""

LEAST_SCORE = 0.2
"""Passages that would score less than this whatever the encoder said are not given to it: no
threshold of the shipped policy is lower."""


class WeightsError(ValueError):
    """A file of weights is missing, damaged, or was made for another taxonomy or classifier."""


@dataclass(frozen=True)
class Calibration:
    """`(scale, offset)` where the n-grams judged alone, and where the encoder did too:
    harm = sigmoid(scale * logit - offset)."""

    alone: NDArray[np.float32]
    together: NDArray[np.float32]

    @property
    def least(self) -> float:
        """The mixed logit, less its margin, that scores LEAST_SCORE."""
        scale, offset = self.together
        return float((np.log(LEAST_SCORE / (1 - LEAST_SCORE)) + offset) / scale)


@dataclass(frozen=True)
class Classifier:
    """Both models, their calibration, and the version of the whole."""

    ngrams: NGrams
    encoder: Encoder
    calibration: Calibration
    version: str

    def scores(self, passages: Mapping[str, float]) -> NDArray[np.float32]:
        """`(passages, categories)`: the score in 0..1 of each of CONTENT_CATEGORIES.

        `passages` are those of one prompt, at least one, each with the margin that is taken from
        its logit.
        """
        harm, categories = self.judge(passages)
        which = _sigmoid(categories)
        share = which / which.max(axis=1, keepdims=True)
        return np.asarray(_sigmoid(harm)[:, None] * share, np.float32)

    def judge(self, passages: Mapping[str, float]) -> tuple[NDArray[np.float32], ...]:
        """The calibrated logits of harm `(passages,)`, and those of the categories
        `(passages, categories)`."""
        logits = self.ngrams.logits(list(passages))
        margins = np.fromiter(passages.values(), np.float32)
        scale, offset = self.calibration.alone
        harm, categories = scale * (logits[:, 0] - margins) - offset, logits[:, 1:]
        scale, offset = self.calibration.together
        least = self.calibration.least
        read = read_most_suspicious(self.encoder, passages, logits[:, 0], least)
        for number, learned in read.items():
            mixed = mix(logits[number], learned)
            harm[number] = scale * (mixed[0] - margins[number]) - offset
            categories[number] = mixed[1:]
        return harm, categories


def read_most_suspicious(
    encoder: Encoder, passages: Mapping[str, float], harm: NDArray[np.float32], least: float
) -> dict[int, NDArray[np.float32]]:
    """What the encoder says `(outputs,)` of those passages, by their number, that score highest
    by the n-grams' logits `harm`, as far as MOST_READ reaches.

    Passages whose mixed logit, less their margin, would be below `least` with any answer are left
    out.
    """
    read = {}
    left = MOST_READ
    texts = list(passages)
    margins = np.fromiter(passages.values(), np.float32)
    most = mix(harm, np.full_like(harm, HIGHEST_ANSWER)) - margins
    for number in np.argsort(margins - harm, kind="stable").tolist():
        if most[number] < least:
            continue
        ids = encoder.tokens(texts[number])
        left -= len(ids)
        if left < 0:
            break
        if ids:
            read[number] = encoder.logits(ids)
            read[number][0] = min(read[number][0], HIGHEST_ANSWER)
    return read


def mix(linear: NDArray[np.floating], learned: NDArray[np.floating]) -> NDArray[np.floating]:
    """The logits of both models together."""
    return np.asarray((1 - ENCODER_SHARE) * linear + ENCODER_SHARE * learned)


def load_classifier(path: Path = WEIGHTS_PATH) -> Classifier:
    """Load weights. Raises WeightsError."""
    try:
        content = path.read_bytes()
        tensors = load(content)
        with safe_open(path, framework="np") as file:
            digests = file.metadata()
        graph, tokenizer = (
            _pinned(path.with_name(name), digests[name]) for name in (ENCODER_FILE, TOKENIZER_FILE)
        )
        classifier = Classifier(
            ngrams=NGrams(tensors["weights"], tensors["bias"]),
            encoder=encoder_of(graph, tokenizer),
            calibration=Calibration(tensors["alone"], tensors["together"]),
            version=f"minilm-ngrams-{hashlib.sha256(content).hexdigest()[:12]}",
        )
    except Exception as error:  # the libraries raise their own and several built-in types
        raise WeightsError(f"cannot read the classifier weights {path}: {error}") from error
    outputs = 1 + len(CONTENT_CATEGORIES)
    needed = {
        "weights": (BUCKETS, outputs),
        "bias": (outputs,),
        "alone": (2,),
        "together": (2,),
    }
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    if shapes != needed or classifier.encoder.outputs != outputs:
        raise WeightsError(f"{path} has other shapes than this version needs: train it again")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise WeightsError(f"{path} contains numbers that are not finite: train it again")
    return classifier


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), np.float32)


def _pinned(path: Path, digest: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise WeightsError(f"{path} is not the file that the calibration belongs to")
    return content
