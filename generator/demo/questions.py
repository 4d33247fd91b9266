"""What there is to know about a scene: questions with a few possible answers, and where things are.

The text encoder learns to answer them from captions, and the transformer's middle from captions and
noise, before the picture that follows from the answers is learnt.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from generator.demo.draw import pose
from generator.demo.world import (
    BACKGROUNDS,
    COLOURS,
    FRAMES,
    FRAMES_TOGETHER,
    LATENT_FRAMES,
    MOTIONS,
    SHAPES,
    SIZES,
    SPEEDS,
    Scene,
)

THINGS = 2
"""At most, in a scene."""
_ABOUT_A_THING: dict[str, tuple[str, ...]] = {
    "shape": SHAPES,
    "colour": tuple(COLOURS),
    "motion": MOTIONS,
    "size": tuple(SIZES),
    "speed": tuple(SPEEDS),
}
CHOICES = (
    len(BACKGROUNDS),
    THINGS,
    *[len(choices) for choices in _ABOUT_A_THING.values()] * THINGS,
)
"""How many answers each question has: about the background, how many things there are, and each of
them."""
POSE = 5
"""Numbers that say where a thing is: see `poses`."""
UNIT = 32.0
"""Pixels that a pose counts as one: the side of a transformer's token."""

_NOT_ASKED = -100
"""Label of a question without an answer, as PyTorch's cross entropy has it."""


class Answers(nn.Module):
    """A linear classifier for every question."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, sum(CHOICES))

    def forward(self, states: Tensor, labels: Tensor) -> Tensor:
        """Mean cross entropy, of every token's answers, over the questions that were asked.

        states: (B, N, width). labels: (B, questions), as `labels` gives them.
        """
        logits = self.linear(states).transpose(1, 2).split(CHOICES, dim=1)
        losses = [
            functional.cross_entropy(
                of_one, asked[:, None].expand(-1, states.shape[1]), ignore_index=_NOT_ASKED
            )
            for of_one, asked in zip(logits, labels.T, strict=True)
            if (asked != _NOT_ASKED).any()
        ]
        return torch.stack(losses).mean() if losses else states.sum() * 0.0


def labels(scene: Scene) -> list[int]:
    """The right answers."""
    found = [BACKGROUNDS.index(scene.background), len(scene.things) - 1]
    for place in range(THINGS):
        there = place < len(scene.things)
        found += [
            choices.index(getattr(scene.things[place], name)) if there else _NOT_ASKED
            for name, choices in _ABOUT_A_THING.items()
        ]
    return found


def no_labels() -> list[int]:
    """Those of a caption that does not tell."""
    return [_NOT_ASKED] * (2 + THINGS * len(_ABOUT_A_THING))


def told_of(labels: Tensor) -> Tensor:
    """(B,): which rows of labels (B, questions) are of captions that tell."""
    return labels[:, 0] != _NOT_ASKED


def poses(scene: Scene) -> Tensor:
    """(13, 2, 5): x and y of each thing's centre in the middle of each latent frame, its radius,
    all in units of 32 pixels, and cosine and sine of its angle; not a number where there is no
    thing."""
    values = torch.full((LATENT_FRAMES, THINGS, POSE), math.nan)
    for place, thing in enumerate(scene.things):
        for latent_frame in range(LATENT_FRAMES):
            frame = max(0.0, FRAMES_TOGETHER * latent_frame - (FRAMES_TOGETHER - 1) / 2)
            x, y, scale, angle = pose(thing, frame / (FRAMES - 1))
            lengths = [length / UNIT for length in (x, y, scale * thing.radius)]
            values[latent_frame, place] = torch.tensor([*lengths, math.cos(angle), math.sin(angle)])
    return values
