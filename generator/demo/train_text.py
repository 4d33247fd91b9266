"""Teaches the demo's text encoder what captions mean before it sees a picture.

The real models start from a T5 that has read the web. This one reads captions of the drawn world
and learns to say what they describe, so that the transformer need not wait for it to learn to read.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from generator.demo import architecture, captions, muon, training
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.world import (
    BACKGROUNDS,
    COLOURS,
    MOTIONS,
    SHAPES,
    SIZES,
    SPEEDS,
    Scene,
    sample,
)

STEPS = 2000
SEED = 3
BATCH = 64
_RATE_MATRICES, _RATE_OTHERS = 3e-3, 3e-3
_THING = (SHAPES, tuple(COLOURS), MOTIONS, tuple(SIZES), tuple(SPEEDS))
_QUESTIONS = (BACKGROUNDS, *_THING, *_THING)
"""The possible answers about the background, the first thing, and the second one."""
_NOT_ASKED = -100
"""Label of a question without an answer, as PyTorch's cross entropy has it."""


class Reader(nn.Module):
    """A text encoder with a linear classifier for every question."""

    def __init__(self) -> None:
        super().__init__()
        self.text_encoder = architecture.text_encoder()
        width = self.text_encoder.config.d_model
        self.answers = nn.ModuleList(nn.Linear(width, len(choices)) for choices in _QUESTIONS)

    def forward(self, ids: Tensor) -> list[Tensor]:
        """ids: (B, 64). Logits: (B, choices) for each question."""
        gist = self.text_encoder(ids).last_hidden_state.mean(dim=1)
        return [answer(gist) for answer in self.answers]


def train(folder: Path, device: str, until: Callable[[], bool]) -> Any | None:
    """The trained text encoder, or None if it was stopped before the end; `folder` holds its
    state."""
    torch.manual_seed(SEED)
    model = Reader().to(device)
    words = tokenizer()

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        scenes = [sample(int(seed)) for seed in random.integers(2**31, size=BATCH)]
        texts = [captions.caption(scene, random) for scene in scenes]
        ids = encode(words, texts).to(device)
        labels = torch.tensor([_labels(scene) for scene in scenes], device=device).T
        losses = [
            functional.cross_entropy(logits, asked, ignore_index=_NOT_ASKED)
            for logits, asked in zip(model(ids), labels, strict=True)
            if (asked != _NOT_ASKED).any()
        ]
        return torch.stack(losses).mean()

    finished = training.train(
        folder,
        model,
        muon.optimizers(model, _RATE_MATRICES, _RATE_OTHERS),
        loss_at,
        steps=STEPS,
        title="text encoder",
        look=lambda _step: "",
        until=until,
    )
    return model.text_encoder if finished else None


def _labels(scene: Scene) -> list[int]:
    labels = [BACKGROUNDS.index(scene.background)]
    for place in range(2):
        if place >= len(scene.things):
            labels += [_NOT_ASKED] * len(_THING)
            continue
        thing = scene.things[place]
        facts = (thing.shape, thing.colour, thing.motion, thing.size, thing.speed)
        labels += [choices.index(fact) for choices, fact in zip(_THING, facts, strict=True)]
    return labels
