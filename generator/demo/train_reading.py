"""Teaches the first half of the demo's transformer, and its text encoder, to read a caption: what
is where in the picture, for every token of pure noise.

That takes no clips, so no caption is met twice.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from generator.demo import captions, halves, muon, questions, training, views
from generator.demo.facts import FACTS, facts
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.views import View
from generator.demo.world import LATENT_FRAMES, sample

STEPS = 1400
SEED = 5
_RATE_MATRICES, _RATE_OTHERS = 2e-3, 2e-3
_FRAMES = 4
_SCENES_CLOSE, _SCENES_WHOLE = 48, 24
_CLOSE_UPS = 0.75
"""Share of the steps that see windows around things."""
_PURE_NOISE = 999
"""The time of it."""


class ReadingHalf(nn.Module):
    """A text encoder and the modules of a transformer up to its middle."""

    def __init__(self, text_encoder: Any, transformer: Any) -> None:
        super().__init__()
        self._whole = (transformer,)  # so that its other modules are not trained
        self.text_encoder = text_encoder
        self.patch_embed = transformer.patch_embed
        self.time_embedding = transformer.time_embedding
        self.transformer_blocks = transformer.transformer_blocks[: halves.READING]
        self._tokenizer = tokenizer()

    def forward(self, ids: Tensor, noise: Tensor, view: View) -> Tensor:
        """What it takes for the facts: (B, tokens, FACTS). ids: (B, 40). noise: of a view."""
        words = self.text_encoder(ids).last_hidden_state
        times = torch.full((len(ids),), _PURE_NOISE, device=ids.device)
        return halves.read(*self._whole, noise, words, times, view).picture[..., :FACTS]

    def exercise(self, random: np.random.Generator, device: str) -> Tensor:
        """The mean square error of the facts of scenes that were never met before."""
        close = random.random() < _CLOSE_UPS
        count = _SCENES_CLOSE if close else _SCENES_WHOLE
        scenes = [sample(int(seed)) for seed in random.integers(2**31, size=count)]
        ids = encode(self._tokenizer, [captions.caption(scene, random) for scene in scenes])
        frames = torch.from_numpy(np.sort(random.permutation(LATENT_FRAMES)[:_FRAMES]))
        poses = torch.stack([questions.poses(scene)[frames] for scene in scenes])
        view = views.around_things(frames, poses, random) if close else views.whole(frames)
        told = facts(
            torch.tensor([questions.labels(scene) for scene in scenes]), poses, view.centres
        )
        length, height, width = view.size
        shape = (count, length, self._whole[0].config.in_channels, height, width)
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        noise = torch.randn(shape, generator=generator)
        errors: Tensor = self(ids.to(device), noise.to(device), view) - told.to(device)
        return errors.square().mean()


def train(
    folder: Path, text_encoder: Any, transformer: Any, device: str, until: Callable[[], bool]
) -> bool:
    """Whether it was trained to the end; `folder` holds its state."""
    model = ReadingHalf(text_encoder, transformer).to(device)

    def loss_at(step: int) -> Tensor:
        return model.exercise(np.random.default_rng((SEED, step)), device)

    return training.train(
        folder,
        model,
        muon.optimizers(model, _RATE_MATRICES, _RATE_OTHERS),
        loss_at,
        steps=STEPS,
        title="reading half",
        look=lambda _step: "",
        until=until,
    )
