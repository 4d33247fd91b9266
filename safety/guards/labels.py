"""Guards that are sequence classifiers, with the operator's map from their labels to categories."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from safety.guards.data import OVERLAP, as_data, encode
from safety.guards.verdict import Finding

_LEAST_LENGTH = 16
_MULTI_LABEL = "multi_label_classification"


class LabelGuard:
    """A sequence classifier; `labels` has the categories of each label, none for a harmless one.
    Raises ValueError unless they are the model's labels."""

    def __init__(self, labels: Mapping[str, tuple[str, ...]], tokenizer: Any, model: Any) -> None:
        config = model.config
        self._names = [config.id2label[index] for index in range(config.num_labels)]
        if set(self._names) != set(labels):
            raise ValueError(f"the model's labels are {', '.join(self._names)}: map each of them")
        self._labels = labels
        self._tokenizer = tokenizer
        self._model = model
        self._independent = config.problem_type == _MULTI_LABEL or config.num_labels == 1
        length = min(config.max_position_embeddings, tokenizer.model_max_length)
        if length < _LEAST_LENGTH:
            raise ValueError(f"the model takes only {length} tokens")
        self._length = length

    def judge(self, text: str, check_time: Callable[[], None]) -> Iterator[Finding]:
        """What it finds in each part of a text; see GenerativeGuard.judge."""
        encode(text, self._tokenizer)  # raises for what cannot be made data
        parts = self._tokenizer(
            as_data(text, tuple(self._tokenizer.get_added_vocab())),
            truncation=True,
            max_length=self._length,
            stride=self._length // OVERLAP,
            return_overflowing_tokens=True,
        )["input_ids"]
        for part in parts:
            check_time()
            yield self._find(part)

    def _find(self, ids: list[int]) -> Finding:
        with torch.inference_mode():
            inputs = torch.tensor([ids], device=self._model.device)
            logits = self._model(input_ids=inputs).logits[0].float()
        chances = torch.sigmoid(logits) if self._independent else torch.softmax(logits, dim=-1)
        scores = dict(zip(self._names, chances.tolist(), strict=True))
        harmful = {name: score for name, score in scores.items() if self._labels[name]}
        categories: dict[str, float] = {}
        for name, score in harmful.items():
            for category in self._labels[name]:
                categories[category] = max(score, categories.get(category, 0.0))
        label = max(scores, key=lambda name: scores[name])
        return Finding(label, max(harmful.values(), default=0.0), categories)
