"""Trains the demo's transformer and text encoder together, on latents of drawn scenes.

The network predicts the clean latents, and is judged by the velocity that follows from them; the
noise schedule is CogVideoX's own. Captions are worded anew at every step, and left out at times for
classifier-free guidance.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from generator.demo import (
    architecture,
    captions,
    cases,
    contact_sheet,
    everyday,
    muon,
    train_vae,
    training,
)
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.whereabouts import whereabouts
from generator.demo.world import HEIGHT, WIDTH, sample

STEPS = 2600
SEED = 2
_RATE_MATRICES, _RATE_OTHERS = 2e-3, 2e-3
_FEW_FRAMES, _CLIPS_OF_FEW, _CLIPS_OF_ALL = 4, 32, 16
_ALL_FRAMES_FROM = 0.5
"""Up to this share of the steps, each sees a few latent frames of many clips, at their places in
time, because neighbours in time look alike."""
_LEAST_NOISE_POWER = 0.05
_WEIGHT_OF_THINGS = 3.0
"""Of the error where a thing is, against that of the background; they take a tenth of a picture."""
_FAITHFUL_FROM = 2 / 3
"""From this share of the steps on, while the rate falls, things weigh no more than the rest, or
they would be rendered larger than they are."""
_UNCAPTIONED, _ANYTHING, _LOOSE, _DISTRACTED = 0.1, 0.02, 0.08, 0.1
"""Shares of the captions."""
_SAMPLES = range(1_000_000, 1_000_012)
"""Seeds of held-out captions that are looked at on the way; not those of the evaluation."""
_SAMPLES_EVERY, _SAMPLE_STEPS, _GUIDANCE = 500, 10, 6.0


class Denoiser(nn.Module):
    """Text encoder and transformer: clean latents from noisy ones, times and token ids."""

    def __init__(self) -> None:
        super().__init__()
        self.text_encoder = architecture.text_encoder()
        self.transformer = architecture.transformer()

    def forward(
        self, latents: Tensor, times: Tensor, ids: Tensor, rotary: tuple[Tensor, Tensor]
    ) -> Tensor:
        """latents, noisy and clean: (B, N, 16, 16, 24). times: (B,). ids: (B, 64). rotary: cosines
        and sines for the N frames."""
        words = self.text_encoder(ids).last_hidden_state
        return torch.as_tensor(
            self.transformer(
                hidden_states=latents,
                encoder_hidden_states=words,
                timestep=times,
                image_rotary_emb=rotary,
                return_dict=False,
            )[0]
        )


def train(
    folder: Path,
    latents: Tensor,
    vae: Any,
    text_encoder: Any,
    device: str,
    until: Callable[[], bool],
) -> tuple[Denoiser, bool]:
    """The denoiser as far as it was trained, and whether that is to the end; `folder` holds its
    state."""
    torch.manual_seed(SEED)
    model = Denoiser()
    model.text_encoder.load_state_dict(text_encoder.state_dict())
    model.to(device)
    words, schedule = tokenizer(), architecture.scheduler()
    pipe = architecture.pipeline(
        train_vae.for_inference(vae), model.text_encoder, model.transformer
    )
    pipe.set_progress_bar_config(disable=True)
    model.train()
    # The pipeline's own, so that training and rendering cannot differ in it.
    rotary = pipe._prepare_rotary_positional_embeddings(HEIGHT, WIDTH, latents.shape[2], device)

    things = torch.stack([whereabouts(sample(seed)) for seed in range(len(latents))])

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        few = step < _ALL_FRAMES_FROM * STEPS
        batch = _CLIPS_OF_FEW if few else _CLIPS_OF_ALL
        count = latents.shape[2]
        frames = np.sort(random.permutation(count)[:_FEW_FRAMES]) if few else np.arange(count)
        chosen = random.integers(len(latents), size=batch)
        clean = latents[chosen][:, :, frames].transpose(1, 2).float()
        noise = torch.randn(clean.shape, generator=generator)
        times = _times(batch, schedule.config.num_train_timesteps, generator)
        ids = encode(words, [_words(int(seed), random) for seed in chosen])
        noisy = schedule.add_noise(clean, noise, times)
        positions = (_of_frames(rotary[0], frames, count), _of_frames(rotary[1], frames, count))
        predicted = model(noisy.to(device), times.to(device), ids.to(device), positions)
        # An error of the velocity is one of the clean latents, divided by the noise's amplitude.
        noise_power = (1 - schedule.alphas_cumprod[times]).clamp(min=_LEAST_NOISE_POWER)
        errors = (predicted - clean.to(device)).square()
        if step < _FAITHFUL_FROM * STEPS:
            there = things[chosen][:, frames, None].to(device)
            errors = errors * torch.where(there, _WEIGHT_OF_THINGS, 1.0)
        errors = errors.mean(dim=(1, 2, 3, 4))
        return torch.as_tensor((errors / noise_power.to(device)).mean())

    def look(step: int) -> str:
        if step % _SAMPLES_EVERY:
            return ""
        model.eval()
        samples = [cases.render(pipe, seed, _SAMPLE_STEPS, _GUIDANCE) for seed in _SAMPLES]
        model.train()
        contact_sheet.write(
            folder / f"samples-{step:06}.jpg",
            [(contact_sheet.thumbnails(frames), case.lines()) for case, frames in samples],
        )
        scores = cases.scores([case for case, _ in samples])
        return "".join(f", {name} {score.right}/{score.of}" for name, score in scores.items())

    finished = training.train(
        folder,
        model,
        muon.optimizers(model, _RATE_MATRICES, _RATE_OTHERS),
        loss_at,
        steps=STEPS,
        title="denoiser",
        look=look,
        until=until,
    )
    return model.eval(), finished


def _times(count: int, steps: int, generator: torch.Generator) -> Tensor:
    """(count,): half of the times from the noisiest quarter of the schedule's steps, where the
    words decide what becomes of the noise. One from each of so many equal parts of the
    distribution, which makes the loss less noisy itself."""
    shares = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    times = (1 - (1 - shares).square()) * steps
    return times.long().clamp(max=steps - 1)  # single precision rounds up to one


def _of_frames(angles: Tensor, frames: NDArray[np.int64], count: int) -> Tensor:
    """Those of the frames, of what holds the tokens of `count` frames: (tokens, 64)."""
    by_frame = angles.reshape(count, -1, angles.shape[-1])
    return by_frame[torch.from_numpy(frames)].flatten(0, 1)


def _words(seed: int, random: np.random.Generator) -> str:
    """A caption of the scene of that seed, or now and then of less or of something else."""
    kind = random.random()
    if kind < _UNCAPTIONED:
        return ""
    if kind < _UNCAPTIONED + _ANYTHING:
        return everyday.anything(random)
    scene = sample(seed)
    if kind < _UNCAPTIONED + _ANYTHING + _LOOSE:
        return captions.loose_caption(scene, random)
    text = captions.caption(scene, random)
    return everyday.distracted(text, random) if random.random() < _DISTRACTED else text
