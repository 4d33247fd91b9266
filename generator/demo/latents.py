"""The training clips as latents: drawn and encoded once, kept in shards."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from generator.demo.draw import draw
from generator.demo.train_vae import for_inference, to_video
from generator.demo.world import sample

SHARD = 32
"""Clips in one file of about five megabytes."""


def scale(vae: Any, latents: Tensor) -> None:
    """Let the pipelines scale the VAE's latents such that these have a standard deviation of 1."""
    vae.register_to_config(scaling_factor=vae.config.scaling_factor / latents.std().item())


@torch.no_grad()
def encode(vae: Any, seed: int) -> Tensor:
    """Scaled latents of the scene of a seed, float32 (16, 13, 16, 24)."""
    clip = to_video(draw(sample(seed)))[None].to(next(vae.parameters()).device)
    latents = vae.encode(clip).latent_dist.mode()[0] * vae.config.scaling_factor
    return torch.as_tensor(latents).cpu()


def prepare(vae: Any, folder: Path, clips: int, until: Callable[[], bool]) -> bool:
    """Fill `folder` with the latents of the scenes of seeds 0 to `clips`; goes on where it was.
    Returns whether all are there."""
    folder.mkdir(parents=True, exist_ok=True)
    vae = for_inference(vae)
    for start in track(range(0, clips, SHARD), "latents"):
        path = folder / f"{start:06}.npy"
        if path.is_file():
            continue
        if until():
            return False
        shard = torch.stack([encode(vae, seed) for seed in range(start, start + SHARD)])
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            np.save(file, shard.half().numpy())
        os.replace(draft, path)
    return True


def load(folder: Path) -> Tensor:
    """All latents, float16 (N, 16, 13, 16, 24); clip n is of seed n."""
    return torch.from_numpy(
        np.concatenate([np.load(path) for path in sorted(folder.glob("*.npy"))])
    )
