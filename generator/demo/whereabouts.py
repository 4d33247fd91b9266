"""Where in the latents a scene's things are."""

import numpy as np
import torch
from torch import Tensor

from generator.demo.draw import pose
from generator.demo.world import (
    FRAMES,
    FRAMES_TOGETHER,
    HEIGHT,
    LATENT_FRAMES,
    WIDTH,
    Scene,
)

_CELL = 8
"""Pixels of a latent's side."""


def whereabouts(scene: Scene) -> Tensor:
    """Whether the cell of each latent touches the circle around a thing: bool (13, 16, 24)."""
    y, x = np.mgrid[0 : HEIGHT // _CELL, 0 : WIDTH // _CELL] * _CELL + _CELL / 2
    there = np.zeros((LATENT_FRAMES, *x.shape), bool)
    for frame in range(FRAMES):
        latent_frame = -(-frame // FRAMES_TOGETHER)
        for thing in scene.things:
            centre_x, centre_y, scale, _ = pose(thing, frame / (FRAMES - 1))
            distance = np.hypot(x - centre_x, y - centre_y)
            there[latent_frame] |= distance < thing.radius * scale + _CELL / 2
    return torch.from_numpy(there)
