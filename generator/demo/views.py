"""What a step of the training sees of its clips: some latent frames, whole or around a thing.

Nine tenths of a picture are background, which is learnt soon. A window of three by three tokens
around a thing shows two and a half times as many outlines in the same time; its tokens keep the
positions that they have in the whole clip.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator.demo.questions import UNIT
from generator.demo.tokenizer import MAX_TOKENS
from generator.demo.world import HEIGHT, WIDTH

ROWS, COLUMNS = int(HEIGHT / UNIT), int(WIDTH / UNIT)
"""Of a whole frame, in tokens."""
_SIDE = 3
_PATCH = 4
"""Latents along the side of a token."""


@dataclass(frozen=True, slots=True)
class View:
    """frames: the latent frames' numbers, (N,). rows, columns: those of the tokens that are seen of
    each, (B, N, height) and (B, N, width), side by side; B may be 1 for all clips."""

    frames: Tensor
    rows: Tensor
    columns: Tensor

    @property
    def tokens(self) -> Tensor:
        """(B, N * height * width): their numbers within a clip, as the transformer has them in a
        row."""
        of_frame = self.rows[..., :, None] * COLUMNS + self.columns[..., None, :]
        return (self.frames[:, None, None] * (ROWS * COLUMNS) + of_frame).flatten(1)

    @property
    def size(self) -> tuple[int, int, int]:
        """Frames, and height and width in latents, of what is seen of a clip."""
        return len(self.frames), _PATCH * self.rows.shape[-1], _PATCH * self.columns.shape[-1]

    @property
    def centres(self) -> Tensor:
        """(B, N, height * width, 2): x and y of their centres, in tokens."""
        shape = (*self.rows.shape, self.columns.shape[-1])
        x, y = self.columns[..., None, :].expand(shape), self.rows[..., :, None].expand(shape)
        return torch.stack([x, y], dim=-1).flatten(2, 3) + 0.5

    def of(self, cells: Tensor) -> Tensor:
        """The part of (B, 13, C, 16, 24) that is seen: (B, N, C, 4 * height, 4 * width)."""
        clips = torch.arange(len(cells))[:, None, None, None]
        rows, columns = _cells(self.rows)[..., :, None], _cells(self.columns)[..., None, :]
        seen = cells.movedim(2, -1)[clips, self.frames[:, None, None], rows, columns]
        return seen.movedim(-1, 2)


def whole(frames: Tensor) -> View:
    """All of these frames."""
    everywhere = torch.arange(ROWS), torch.arange(COLUMNS)
    return View(frames, *(line.expand(1, len(frames), -1) for line in everywhere))


def around_things(frames: Tensor, poses: Tensor, random: np.random.Generator) -> View:
    """A window around one of the things of each clip, hardly twice in the same place.

    poses: (B, N, 2, 5), of `questions.poses`.
    """
    clips = torch.arange(len(poses))
    there = 1 + (~poses[:, 0, 1, 0].isnan()).long().numpy()
    chosen = torch.from_numpy(random.integers(there))
    middle = poses[clips, :, chosen, :2] + torch.from_numpy(
        random.uniform(-0.5, 0.5, (*poses.shape[:2], 2))
    )
    first = (middle - _SIDE / 2).round().long()
    rows = first[..., 1].clamp(0, ROWS - _SIDE)
    columns = first[..., 0].clamp(0, COLUMNS - _SIDE)
    side = torch.arange(_SIDE)
    return View(frames, rows[..., None] + side, columns[..., None] + side)


@contextmanager
def only(embedding: Any, view: View) -> Iterator[None]:
    """Let a CogVideoXPatchEmbed take its tokens for those of a view."""
    names = ("pos_embedding", "sample_frames", "sample_height", "sample_width")
    before = {name: getattr(embedding, name) for name in names}
    whole_clip = before["pos_embedding"]
    text, video = whole_clip.split([MAX_TOKENS, whole_clip.shape[1] - MAX_TOKENS], dim=1)
    chosen = video[0, view.tokens]
    embedding.pos_embedding = torch.cat([text.expand(len(chosen), -1, -1), chosen], dim=1)
    embedding.sample_frames = 1 + embedding.temporal_compression_ratio * (len(view.frames) - 1)
    embedding.sample_height = _PATCH * view.rows.shape[-1]
    embedding.sample_width = _PATCH * view.columns.shape[-1]
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(embedding, name, value)


def _cells(tokens: Tensor) -> Tensor:
    """The numbers of the latents along the sides of tokens (…, n): (…, 4 n)."""
    return (tokens[..., None] * _PATCH + torch.arange(_PATCH)).flatten(-2)
