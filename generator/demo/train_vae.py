"""Trains the demo's VAE on drawn scenes: parts of pictures first, whole pictures at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator.demo import architecture, training
from generator.demo.draw import draw
from generator.demo.world import FRAMES, HEIGHT, WIDTH, Scene, sample

STEPS = 3000
SEED = 1
_RATE = 1e-3
_KL = 2e-6
_GRADIENTS = 0.5
_CLIP_FRAMES = 9
_PART_SIDE, _PARTS = 48, 4
_WHOLE_PICTURES = 0.9
"""Share of the steps after which whole pictures are shown."""
_JUDGED = 4
"""Scenes of a quick look at the quality."""


def train(folder: Path, device: str, until: Callable[[], bool]) -> Any | None:
    """The trained VAE, or None if it was stopped before the end; `folder` holds its state."""
    torch.manual_seed(SEED)
    vae = architecture.vae().to(device)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=_RATE, betas=(0.9, 0.98), weight_decay=0.0)

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        video = _batch(random, step >= _WHOLE_PICTURES * STEPS).to(device)
        return _loss(vae, video, torch.Generator().manual_seed(int(random.integers(2**62))))

    def look() -> str:
        return f"{reconstruction_psnr(vae, _JUDGED).mean():.2f} dB"

    finished = training.train(
        folder, vae, [optimizer], loss_at, steps=STEPS, title="VAE", look=look, until=until
    )
    return vae.eval() if finished else None


@torch.no_grad()
def reconstruction_psnr(vae: Any, scenes: int, frames: int = FRAMES) -> np.ndarray[Any, Any]:
    """(scenes,): PSNR in dB of the first frames of held-out clips, encoded and decoded again."""
    device = next(vae.parameters()).device
    values = []
    for seed in range(scenes):
        clip = to_video(draw(sample(seed, held_out=True))[:frames])[None].to(device)
        again = vae.decode(vae.encode(clip).latent_dist.mode()).sample.clamp(-1, 1)
        values.append(10 * torch.log10(4 / (again - clip).square().mean()).item())
    return np.array(values)


def to_video(frames: np.ndarray[Any, Any]) -> Tensor:
    """uint8 (N, H, W, 3) to float32 (3, N, H, W) in -1..1."""
    return torch.from_numpy(frames).permute(3, 0, 1, 2).float() / 127.5 - 1


def _batch(random: np.random.Generator, whole: bool) -> Tensor:
    """(B, 3, 9, h, w): stretches of clips, whole pictures or parts around a thing."""
    return torch.stack([_stretch(random, whole) for _ in range(2 if whole else _PARTS)])


def _stretch(random: np.random.Generator, whole: bool) -> Tensor:
    scene = sample(int(random.integers(2**31)))
    start = int(random.integers(FRAMES - _CLIP_FRAMES + 1))
    frames = draw(scene, np.arange(start, start + _CLIP_FRAMES))
    if not whole:
        frames = _part(random, scene, frames)
    return to_video(np.ascontiguousarray(frames))


def _part(
    random: np.random.Generator, scene: Scene, frames: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """A square part, most often with some of a thing in it."""
    thing = scene.things[int(random.integers(len(scene.things)))]
    x = int(thing.x + random.normal(0, 30) - _PART_SIDE / 2)
    y = int(thing.y + random.normal(0, 20) - _PART_SIDE / 2)
    left, top = np.clip((x, y), 0, (WIDTH - _PART_SIDE, HEIGHT - _PART_SIDE))
    return frames[:, top : top + _PART_SIDE, left : left + _PART_SIDE]


def _loss(vae: Any, video: Tensor, generator: torch.Generator) -> Tensor:
    """Of video (B, 3, 9, h, w) in -1..1; the latents' noise comes from `generator`."""
    posterior = vae.encode(video).latent_dist
    again = vae.decode(posterior.sample(generator)).sample
    difference = again - video
    loss = difference.abs().mean() + 2 * difference.square().mean()
    for dimension in (2, 3, 4):
        loss = loss + _GRADIENTS * difference.diff(dim=dimension).abs().mean()
    return torch.as_tensor(loss + _KL * posterior.kl().mean())
