"""Trains the demo's VAE on drawn scenes: single frames, then parts of clips, then whole pictures.

The posterior keeps the small deviation of its start: a learned one, bounded by nothing but a weak
divergence term, blew the training up after a thousand steps.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator.base import Frames
from generator.demo import architecture, training
from generator.demo.draw import draw
from generator.demo.linear_codec import DEVIATION
from generator.demo.world import FRAMES, HEIGHT, WIDTH, Scene, sample
from generator.onednn import prefer_onednn

STEPS = 1800
SEED = 1
_RATE = 1e-3
_GRADIENTS = 0.5
_SMALL_LATENTS = 1e-4


@dataclass(frozen=True, slots=True)
class _Stage:
    """From a share of the steps on: so many samples of so many frames, squares of a side in pixels
    or whole pictures."""

    start: float
    samples: int
    frames: int
    side: int | None


_STAGES = (_Stage(0.0, 24, 1, 64), _Stage(0.3, 4, 9, 48), _Stage(0.93, 2, 9, None))
_JUDGED = 4
"""Scenes of a quick look at the quality."""


def train(folder: Path, device: str, until: Callable[[], bool]) -> Any | None:
    """The trained VAE, or None if it was stopped before the end; `folder` holds its state."""
    torch.manual_seed(SEED)
    vae = architecture.vae().to(device)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=_RATE, betas=(0.9, 0.98), weight_decay=0.0)

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        stage = [stage for stage in _STAGES if stage.start <= step / STEPS][-1]
        video = torch.stack([_sample(random, stage) for _ in range(stage.samples)]).to(device)
        return _loss(vae, video, torch.Generator().manual_seed(int(random.integers(2**62))))

    def look(_step: int) -> str:
        return f", {reconstruction_psnr(vae, _JUDGED).mean():.2f} dB"

    finished = training.train(
        folder, vae, [optimizer], loss_at, steps=STEPS, title="VAE", look=look, until=until
    )
    return vae.eval() if finished else None


@torch.no_grad()
def reconstruction_psnr(vae: Any, scenes: int, frames: int = FRAMES) -> np.ndarray[Any, Any]:
    """(scenes,): PSNR in dB of the first frames of held-out clips, encoded and decoded again."""
    vae = for_inference(vae)
    device = next(vae.parameters()).device
    values = []
    for seed in range(scenes):
        clip = to_video(draw(sample(seed, held_out=True))[:frames])[None].to(device)
        again = vae.decode(vae.encode(clip).latent_dist.mode()).sample.clamp(-1, 1)
        values.append(10 * torch.log10(4 / (again - clip).square().mean()).item())
    return np.array(values)


def for_inference(vae: Any) -> Any:
    """A copy that is fast on the CPU and has no gradients."""
    vae = copy.deepcopy(vae)
    if next(vae.parameters()).device.type == "cpu":
        prefer_onednn(vae)
    return vae.eval()


def to_video(frames: np.ndarray[Any, Any]) -> Tensor:
    """uint8 (N, H, W, 3) to float32 (3, N, H, W) in -1..1."""
    return torch.from_numpy(frames).permute(3, 0, 1, 2).float() / 127.5 - 1


def _sample(random: np.random.Generator, stage: _Stage) -> Tensor:
    """(3, frames, h, w) in -1..1: a stretch of a clip."""
    scene = sample(int(random.integers(2**31)))
    start = int(random.integers(FRAMES - stage.frames + 1))
    frames = draw(scene, range(start, start + stage.frames))
    if stage.side is not None:
        frames = _part(random, scene, frames, stage.side)
    return to_video(np.ascontiguousarray(frames))


def _part(random: np.random.Generator, scene: Scene, frames: Frames, side: int) -> Frames:
    """A square part, most often with some of a thing in it."""
    thing = scene.things[int(random.integers(len(scene.things)))]
    x = int(thing.x + random.normal(0, 30) - side / 2)
    y = int(thing.y + random.normal(0, 20) - side / 2)
    left, top = np.clip((x, y), 0, (WIDTH - side, HEIGHT - side))
    return frames[:, top : top + side, left : left + side]


def _loss(vae: Any, video: Tensor, generator: torch.Generator) -> Tensor:
    """Of video (B, 3, N, h, w) in -1..1; the latents' noise comes from `generator`."""
    latents = vae.encode(video).latent_dist.mode()
    noise = torch.randn(latents.shape, generator=generator).to(latents.device)
    difference = vae.decode(latents + DEVIATION * noise).sample - video
    loss = difference.abs().mean() + 2 * difference.square().mean()
    for dimension in (2, 3, 4):
        if difference.shape[dimension] > 1:
            loss = loss + _GRADIENTS * difference.diff(dim=dimension).abs().mean()
    return torch.as_tensor(loss + _SMALL_LATENTS * latents.square().mean())
