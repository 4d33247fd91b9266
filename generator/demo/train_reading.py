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
from generator.demo.train_text import Reader
from generator.demo.views import View
from generator.demo.world import HEIGHT, LATENT_FRAMES, WIDTH, sample

STEPS = 2000
SEED = 5
_RATE_MATRICES, _RATE_OTHERS = 2e-3, 2e-3
_FRAMES, _SCENES = 4, 32
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

    def forward(self, ids: Tensor, noise: Tensor, view: View) -> Tensor:
        """What it takes for the facts: (B, tokens, FACTS). ids: (B, 40). noise: of a view."""
        words = self.text_encoder(ids).last_hidden_state
        times = torch.full((len(ids),), _PURE_NOISE, device=ids.device)
        return halves.read(*self._whole, noise, words, times, view).picture[..., :FACTS]


def train(
    folder: Path, reader: Reader, transformer: Any, device: str, until: Callable[[], bool]
) -> bool:
    """Whether it was trained to the end; `folder` holds its state."""
    model = ReadingHalf(reader.text_encoder, transformer).to(device)
    words = tokenizer()

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        scenes = [sample(int(seed)) for seed in random.integers(2**31, size=_SCENES)]
        ids = encode(words, [captions.caption(scene, random) for scene in scenes])
        frames = torch.from_numpy(np.sort(random.permutation(LATENT_FRAMES)[:_FRAMES]))
        view = views.whole(frames)
        labels = torch.tensor([questions.labels(scene) for scene in scenes])
        poses = torch.stack([questions.poses(scene)[frames] for scene in scenes])
        told = facts(labels, poses, view.centres)
        shape = (_SCENES, _FRAMES, transformer.config.in_channels, HEIGHT // 8, WIDTH // 8)
        noise = torch.randn(shape, generator=generator)
        errors = model(ids.to(device), noise.to(device), view) - told.to(device)
        return errors.square().mean()

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
