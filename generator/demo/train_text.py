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

from generator.demo import architecture, captions, muon, training
from generator.demo.questions import Answers, labels
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.world import sample

STEPS = 2000
SEED = 3
BATCH = 32
_RATE_MATRICES, _RATE_OTHERS = 3e-3, 3e-3


class Reader(nn.Module):
    """A text encoder every token of which can answer every question about the scene: whichever ones
    the transformer attends to, it learns the whole."""

    def __init__(self, text_encoder: Any) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.answers = Answers(self.text_encoder.config.d_model)
        self._words = tokenizer()

    def forward(self, ids: Tensor, right: Tensor) -> Tensor:
        """ids: (B, 40). right: (B, questions). The loss."""
        states = self.text_encoder(ids).last_hidden_state
        return torch.as_tensor(self.answers(states, right))

    def exercise(self, random: np.random.Generator, device: str) -> Tensor:
        """The loss of captions of scenes that no clip need be drawn of."""
        scenes = [sample(int(seed)) for seed in random.integers(2**31, size=BATCH)]
        texts = [captions.caption(scene, random) for scene in scenes]
        right = torch.tensor([labels(scene) for scene in scenes], device=device)
        return self.forward(encode(self._words, texts).to(device), right)


def train(folder: Path, device: str, until: Callable[[], bool]) -> Any | None:
    """The trained text encoder, or None if it was stopped before the end; `folder` holds the
    state."""
    torch.manual_seed(SEED)
    model = Reader(architecture.text_encoder()).to(device)

    def loss_at(step: int) -> Tensor:
        return model.exercise(np.random.default_rng((SEED, step)), device)

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
