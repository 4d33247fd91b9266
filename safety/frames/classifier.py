"""An operator's own image classifier: any that transformers loads.

Described by a YAML file: `model` (a folder, or an id on the Hugging Face hub), `revision` (of the
hub, or null), and `labels`, from the model's labels to `category` of our taxonomy and the scores
(0..1) from which a frame is reviewed or blocked (`never` switches that off).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from safety.frames.finding import Finding
from safety.policy import Thresholds, mapping, thresholds
from safety.taxonomy import TAXONOMY


class FrameClassifierError(ValueError):
    """The file is invalid, or names labels that the model does not have."""


@dataclass(frozen=True)
class _Label:
    category: str
    thresholds: Thresholds


class FrameClassifier:
    """A loaded model and what its labels mean."""

    def __init__(self, model: str, revision: str | None, labels: Mapping[str, _Label]) -> None:
        from transformers import AutoImageProcessor, AutoModelForImageClassification

        load: Any = AutoImageProcessor.from_pretrained  # untyped in some of its parts
        self._processor = load(model, revision=revision)
        self._model = AutoModelForImageClassification.from_pretrained(
            model, revision=revision, use_safetensors=True
        ).eval()
        self._names = [name for _, name in sorted(self._model.config.id2label.items())]
        if unknown := set(labels) - set(self._names):
            raise FrameClassifierError(f"{model} has no label {', '.join(sorted(unknown))}")
        self._labels = labels

    def classify(self, frames: NDArray[np.uint8], numbers: list[int]) -> Iterator[Finding]:
        """For every label that reaches a threshold, the frame with its highest score; `frames` are
        (N, H, W, 3) RGB, `numbers` theirs in the clip. Raises ArithmeticError for scores that are
        no numbers."""
        scores = np.concatenate([self._scores(frame) for frame in frames])
        if not np.isfinite(scores).all():
            raise ArithmeticError("the image classifier gave a score that is not a number")
        for name, label in self._labels.items():
            column = scores[:, self._names.index(name)]
            worst = int(column.argmax())
            finding = _finding(name, label, float(column[worst]), numbers[worst])
            if finding is not None:
                yield finding

    def _scores(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        inputs = self._processor(
            images=frame, input_data_format="channels_last", return_tensors="pt"
        )
        with torch.inference_mode():
            logits = self._model(**inputs).logits.float()
        independent = self._model.config.problem_type == "multi_label_classification"
        scores = logits.sigmoid() if independent else logits.softmax(-1)
        return np.asarray(scores.numpy(), np.float32)


@lru_cache(maxsize=1)
def load_frame_classifier(path: Path) -> FrameClassifier:
    """The classifier that a file describes, loaded once. Raises FrameClassifierError, PolicyError,
    and OSError where the model cannot be found."""
    try:
        document: Any = yaml.safe_load(path.read_text())
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise FrameClassifierError(f"cannot read {path}: {error}") from error
    fields = mapping(document, "frame classifier", {"model", "revision", "labels"})
    if not isinstance(fields["labels"], dict) or not fields["labels"]:
        raise FrameClassifierError("labels: must be a mapping from the model's labels")
    labels = {str(name): _label(value, str(name)) for name, value in fields["labels"].items()}
    return FrameClassifier(str(fields["model"]), fields["revision"], labels)


def _label(value: object, name: str) -> _Label:
    where = f"labels.{name}"
    fields = mapping(value, where, {"category", "review", "block"})
    category = fields.pop("category")
    if category not in TAXONOMY:
        raise FrameClassifierError(f"{where}.category: no category {category!r}")
    return _Label(category, thresholds(fields, where))


def _finding(name: str, label: _Label, score: float, number: int) -> Finding | None:
    title = TAXONOMY[label.category].title
    if score >= label.thresholds.block:
        message = f"A rendered frame falls under “{title}”, which is not allowed."
        return Finding("classifier", "block", message, number, label.category, name, score=score)
    if score >= label.thresholds.review:
        message = f"A rendered frame may fall under “{title}” and needs a moderator."
        return Finding("classifier", "review", message, number, label.category, name, score=score)
    return None
