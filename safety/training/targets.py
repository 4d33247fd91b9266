"""What training shows a model: a prompt as moderation reads it, and the outputs wanted for it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

import numpy as np
import torch

from safety.ngrams import NGrams
from safety.normalise import read
from safety.passages import passages
from safety.taxonomy import CONTENT_CATEGORIES
from safety.training.corpus import CORPUS_SOURCE
from safety.training.data import Row

# Harmful prompts are the smaller part; this weight and that of authored rows (data.py) were
# chosen together by cross-validated recall over the training rows.
_HARMFUL_PROMPT_WEIGHT = 4.0


def as_read(text: str) -> str:
    """The plainest view of a text, without names."""
    return _passages(text)[0]


@cache
def _passages(text: str) -> tuple[str, ...]:
    return tuple(passages(read(text)))


def with_harmless_parts(rows: Sequence[Row]) -> list[Row]:
    """The rows, each with the other passages that moderation makes of it if it is a harmless prompt
    written by somebody: what is harmless as a whole is harmless in every part.

    Moderation judges parts by themselves. A model that has seen only wholes takes many of them for
    harm, because a part has fewer words to make up for an unlucky one.
    """
    return list(chain.from_iterable(map(_with_parts, rows)))


def most_suspicious_parts(rows: Sequence[Row], ngrams: NGrams) -> list[Row]:
    """Of each harmless prompt that has other passages, the one that the n-grams suspect most.

    Those are what moderation gives the encoder to read beside the whole; all of them would be too
    many to train on.
    """
    parts = []
    for row in rows:
        others = _with_parts(row)[1:]
        if others:
            suspicion = ngrams.logits([part.text for part in others])[:, 0]
            parts.append(others[int(suspicion.argmax())])
    return parts


def _with_parts(row: Row) -> list[Row]:
    is_copy = row.tier == "counterfactual" and row.source != CORPUS_SOURCE
    if row.harmful or not row.is_prompt or row.source == "signet_authored" or is_copy:
        return [row]
    return [row, *(replace(row, text=text) for text in _passages(row.text)[1:])]


def targets(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and their importance, both `(rows, 1 + categories)`.

    The category outputs learn from harmful rows that have a content category, and only those.
    """
    wanted = np.zeros((len(rows), 1 + len(CONTENT_CATEGORIES)), np.float32)
    importance = np.zeros_like(wanted)
    for index, row in enumerate(rows):
        wanted[index, 0] = row.harmful
        is_harmful_prompt = row.harmful and row.domain in ("t2v", "t2i")
        weight = row.weight * (_HARMFUL_PROMPT_WEIGHT if is_harmful_prompt else 1)
        importance[index, 0] = weight
        present = [name in row.categories for name in CONTENT_CATEGORIES]
        if row.harmful and any(present):
            wanted[index, 1:] = present
            importance[index, 1:] = weight
    return torch.from_numpy(wanted), torch.from_numpy(importance)
