"""Teaches the second half of the demo's transformer to draw what it is told, without any words.

It is given the facts of each token as the first half is to read them from captions later, so what
there is to learn is small, and the same for every caption of a scene.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from generator.demo import halves, muon, training, views
from generator.demo.clips import Clips
from generator.demo.facts import FACTS, facts
from generator.demo.halves import Middle
from generator.demo.tokenizer import MAX_TOKENS
from generator.demo.views import View

STEPS = 1400
SEED = 4
_RATE_MATRICES, _RATE_OTHERS = 2e-3, 2e-3
_FRAMES = 4
_CLIPS_CLOSE, _CLIPS_WHOLE = 64, 32
_CLOSE_UPS = 0.75
"""Share of the steps that see windows around things."""
_WEIGHT_OF_THINGS = 3.0
_CLUTTER = 0.5
"""Standard deviation of what else the states may hold beside facts and places."""


class DrawingHalf(nn.Module):
    """The modules of a transformer behind its middle."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self._whole = (transformer,)  # so that its other modules are not trained
        self.transformer_blocks = transformer.transformer_blocks[halves.READING :]
        self.norm_final, self.norm_out = transformer.norm_final, transformer.norm_out
        self.proj_out = transformer.proj_out

    def forward(self, told: Tensor, clutter: Tensor, view: View) -> Tensor:
        """The latents of a view. told: facts (B, tokens, FACTS). clutter: (B, tokens, width -
        FACTS), added to the tokens' places."""
        (transformer,) = self._whole
        places = transformer.patch_embed.pos_embedding[0, MAX_TOKENS + view.tokens, FACTS:]
        picture = torch.cat([told, places.to(told.dtype) + clutter], dim=-1)
        text = picture.new_empty(len(picture), 0, picture.shape[-1])
        time = picture.new_zeros(len(picture), transformer.config.time_embed_dim)
        return halves.draw(transformer, Middle(picture, text, time), view)


def train(
    folder: Path, clips: Clips, transformer: Any, device: str, until: Callable[[], bool]
) -> bool:
    """Whether it was trained to the end; `folder` holds its state."""
    model = DrawingHalf(transformer).to(device)
    width = transformer.config.num_attention_heads * transformer.config.attention_head_dim

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        close = random.random() < _CLOSE_UPS
        frames = clips.some_frames(random, _FRAMES)
        chosen = random.integers(len(clips), size=_CLIPS_CLOSE if close else _CLIPS_WHOLE)
        poses = clips.poses[chosen][:, frames]
        view = views.around_things(frames, poses, random) if close else views.whole(frames)
        told = facts(clips.labels[chosen], poses, view.centres)
        clutter = torch.randn((*told.shape[:2], width - FACTS), generator=generator) * _CLUTTER
        drawn: Tensor = model(told.to(device), clutter.to(device), view)
        errors = (drawn - view.of(clips.latents_of(chosen)).to(device)).square()
        there = view.of(clips.things[chosen][:, :, None]).to(device)
        return (errors * torch.where(there, _WEIGHT_OF_THINGS, 1.0)).mean()

    return training.train(
        folder,
        model,
        muon.optimizers(model, _RATE_MATRICES, _RATE_OTHERS),
        loss_at,
        steps=STEPS,
        title="drawing half",
        look=lambda _step: "",
        until=until,
    )
