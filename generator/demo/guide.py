"""Tells the middle of the transformer, in training only, what its picture is to show.

A thing's place follows from a word and the time together, its outline from its place: learnt from
pictures alone, the second has to wait for the first. So the tokens are asked, half-way through the
blocks, what the scene holds and how far away its things are (deep supervision, Lee et al., 2015;
with known answers in place of another network's features, as in Yu et al., 2024, "Representation
Alignment for Generation"). What answers is not part of the checkpoint.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from generator.demo.questions import POSE, THINGS, Answers, told_of

_BLOCKS = 3
"""So many of the transformer's six have been passed."""
_FARTHEST = 2.5
"""Tokens; how much farther a thing is makes no difference to the picture."""
_WAVELENGTHS = (4.0, 2.0, 1.0)
"""Tokens; of the waves that ways are asked for as well. A network draws an outline from sines and
cosines of a place much sooner than from the place itself (Tancik et al., 2020, "Fourier Features
Let Networks Learn High Frequency Functions in Low Dimensional Domains")."""
_WEIGHT_OF_ANSWERS, _WEIGHT_OF_POSES = 0.3, 2.0


class Guide(nn.Module):
    """Questions to the states of a CogVideoXTransformer3DModel."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        width = transformer.config.num_attention_heads * transformer.config.attention_head_dim
        self.answers = Answers(width)
        self.poses = nn.Linear(width, THINGS * (POSE + 4 * len(_WAVELENGTHS)))
        self.error = math.nan
        """Of the poses and waves, squared: the last one, to watch."""
        self._states: list[Tensor] = []
        transformer.transformer_blocks[_BLOCKS - 1].register_forward_hook(self._keep)

    def forward(self, labels: Tensor, poses: Tensor, centres: Tensor) -> Tensor:
        """The loss of what the blocks have just made.

        labels: (B, questions), of `questions.labels` or `no_labels`. poses: (B, N, 2, 5), of
        `questions.poses`, for N latent frames; not asked for where there are no labels. centres:
        (B or 1, N, tokens, 2), those of each frame's tokens, counted in tokens.
        """
        states = self._states.pop()
        tokens = centres.shape[2]
        told = self.poses(states).unflatten(-1, (THINGS, -1)).unflatten(1, (-1, tokens))
        way = poses[:, :, None, :, :2] - centres[:, :, :, None]
        rest = poses[:, :, None, :, 2:].expand(-1, -1, tokens, -1, -1)
        right = torch.cat([way.clamp(-_FARTHEST, _FARTHEST), rest, _waves(way)], dim=-1)
        asked = ~right.isnan() & told_of(labels)[:, None, None, None, None]
        errors = torch.where(asked, told - right.nan_to_num(), 0.0).square()
        error = errors.sum() / asked.sum().clamp(min=1)
        self.error = error.item()
        loss = _WEIGHT_OF_POSES * error + _WEIGHT_OF_ANSWERS * self.answers(states, labels)
        return torch.as_tensor(loss)

    def _keep(self, _block: nn.Module, _given: Any, states: tuple[Tensor, Tensor]) -> None:
        if torch.is_grad_enabled():
            self._states = [states[0]]


def _waves(way: Tensor) -> Tensor:
    """(..., 12), sines and cosines of ways (..., 2) in tokens; not a number where it is too far."""
    phases = torch.cat([2 * math.pi * way / length for length in _WAVELENGTHS], dim=-1)
    near = (way.abs() < _FARTHEST).all(dim=-1, keepdim=True)
    return torch.where(near, torch.cat([phases.sin(), phases.cos()], dim=-1), math.nan)
