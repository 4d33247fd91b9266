"""What the middle of the transformer is to know: the facts that a picture follows from.

Half-way through the blocks, the first channels of each token's state are kept for what the scene
holds and how far away its things are, as numbers that a picture can be drawn from. So one half of
the blocks can learn to read them from captions and the other to draw from them, each by itself,
before they learn together: a thing's outline follows from its place, and its place from a word and
the time together, and learnt from pictures alone the first has to wait for the second.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from generator.demo.questions import CHOICES, POSE, THINGS

_FARTHEST = 2.5
"""Tokens; how much farther a thing is makes no difference to the picture."""
_WAVELENGTHS = (4.0, 2.0, 1.0)
"""Tokens; of the waves that stand beside ways. A network draws an outline from sines and cosines of
a place much sooner than from the place itself (Tancik et al., 2020, "Fourier Features Let Networks
Learn High Frequency Functions in Low Dimensional Domains")."""
FACTS = sum(CHOICES) + THINGS * (POSE + 4 * len(_WAVELENGTHS))
"""Channels of a state that are kept for them."""


def facts(labels: Tensor, poses: Tensor, centres: Tensor) -> Tensor:
    """(B, N * tokens, FACTS), for every token of N latent frames; nought where there is no thing.

    labels: (B, questions), of `questions.labels`. poses: (B, N, 2, 5), of `questions.poses`.
    centres: (B or 1, N, tokens, 2), those of each frame's tokens, counted in tokens.
    """
    tokens = centres.shape[2]
    way = poses[:, :, None, :, :2] - centres[:, :, :, None]
    rest = poses[:, :, None, :, 2:].expand(-1, -1, tokens, -1, -1)
    poses_told = torch.cat([way.clamp(-_FARTHEST, _FARTHEST), rest, _waves(way)], dim=-1)
    poses_told = poses_told.nan_to_num().flatten(3).flatten(1, 2)
    answers = [
        functional.one_hot(asked.clamp(min=0), count) * (asked >= 0)[:, None]
        for asked, count in zip(labels.T, CHOICES, strict=True)
    ]
    everywhere = torch.cat(answers, dim=-1)[:, None].expand(-1, poses_told.shape[1], -1)
    return torch.cat([poses_told, everywhere.to(poses_told)], dim=-1)


def _waves(way: Tensor) -> Tensor:
    """(..., 12), sines and cosines of ways (..., 2) in tokens, which fade with the distance."""
    phases = torch.cat([2 * math.pi * way / length for length in _WAVELENGTHS], dim=-1)
    near = (_FARTHEST - way.abs()).clamp(0, 1).prod(dim=-1, keepdim=True)
    return near * torch.cat([phases.sin(), phases.cos()], dim=-1)
