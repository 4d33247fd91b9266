"""Trains the demo's transformer and text encoder together, on latents of drawn scenes.

By then its first half has learnt to read captions (`train_reading`) and its second to draw what
they say (`train_drawing`); the facts that they hand over go on being asked for. The network
predicts the clean latents, and is judged by the velocity that follows from them; the noise
schedule is CogVideoX's own. Captions are worded anew at every step, and left out at times for
classifier-free guidance. The first half goes on reading captions of scenes without clips, or it
would forget all but the few thousand scenes that have one.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from generator.demo import (
    architecture,
    captions,
    cases,
    contact_sheet,
    everyday,
    halves,
    muon,
    questions,
    train_vae,
    training,
    views,
)
from generator.demo.clips import Clips
from generator.demo.facts import FACTS, facts
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.train_reading import ReadingHalf
from generator.demo.views import View
from generator.demo.world import Scene

STEPS = 1000
SEED = 2
_RATE_MATRICES, _RATE_OTHERS = 1.5e-3, 1.5e-3
_FEW_FRAMES, _CLIPS_IN_PART, _CLIPS_WHOLE = 4, 32, 16
_ALL_FRAMES_FROM, _WHOLE_FROM = 0.3, 0.8
"""Up to the first share of the steps, each sees a few latent frames of many clips, at their places
in time, because neighbours in time look alike; up to the second, most see windows around things."""
_CLOSE_UPS = 0.75
"""Share of the steps between the two that do."""
_LEAST_NOISE_POWER = 0.05
_WEIGHT_OF_THINGS = 3.0
"""Of the error where a thing is, against that of the background; they take a tenth of a picture."""
_WEIGHT_OF_FACTS = 2.0
_FAITHFUL_FROM = 0.9
"""From this share of the steps on things weigh no more than the rest, or they would be rendered
larger than they are."""
_UNCAPTIONED, _ANYTHING, _LOOSE, _DISTRACTED = 0.1, 0.02, 0.08, 0.1
"""Shares of the captions."""
_SAMPLES = range(1_000_000, 1_000_010)
"""Seeds of held-out captions that are looked at on the way; not those of the evaluation."""
_SAMPLES_EVERY, _SAMPLE_STEPS, _GUIDANCE = 500, 10, 1.0


class Denoiser(nn.Module):
    """A text encoder and a transformer: clean latents from noisy ones, times and token ids."""

    def __init__(self, text_encoder: Any, transformer: Any) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.transformer = transformer

    def forward(
        self, latents: Tensor, times: Tensor, ids: Tensor, view: View
    ) -> tuple[Tensor, Tensor]:
        """The latents, and what it takes for the facts: (B, tokens, FACTS).

        latents, noisy and clean, of a view: (B, N, 16, height, width). times: (B,). ids: (B, 40).
        """
        words = self.text_encoder(ids).last_hidden_state
        middle = halves.read(self.transformer, latents, words, times, view)
        return halves.draw(self.transformer, middle, view), middle.picture[..., :FACTS]


def train(
    folder: Path,
    clips: Clips,
    vae: Any,
    text_encoder: Any,
    transformer: Any,
    device: str,
    until: Callable[[], bool],
) -> tuple[Denoiser, bool]:
    """The denoiser as far as it was trained, and whether that is to the end; `folder` holds its
    state."""
    model = Denoiser(text_encoder, transformer).to(device)
    reading = ReadingHalf(text_encoder, transformer)
    words, schedule = tokenizer(), architecture.scheduler()
    pipe = architecture.pipeline(train_vae.for_inference(vae), text_encoder, transformer)
    pipe.set_progress_bar_config(disable=True)
    model.train()

    error_of_facts = math.nan

    def loss_at(step: int) -> Tensor:
        nonlocal error_of_facts
        random = np.random.default_rng((SEED, step))
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        few, close = step < _ALL_FRAMES_FROM * STEPS, False
        frames = clips.some_frames(random, _FEW_FRAMES if few else clips.frames)
        if not few and step < _WHOLE_FROM * STEPS:
            close = random.random() < _CLOSE_UPS
        batch = _CLIPS_IN_PART if few or close else _CLIPS_WHOLE
        chosen = random.integers(len(clips), size=batch)
        poses = clips.poses[chosen][:, frames]
        view = views.around_things(frames, poses, random) if close else views.whole(frames)
        clean = view.of(clips.latents_of(chosen))
        noise = torch.randn(clean.shape, generator=generator)
        times = _times(batch, schedule.config.num_train_timesteps, generator)
        worded = [_words(clips.scenes[number], random) for number in chosen]
        ids = encode(words, [text for text, _ in worded])
        labels = torch.tensor([right for _, right in worded])
        noisy = schedule.add_noise(clean, noise, times)
        predicted, taken = model(noisy.to(device), times.to(device), ids.to(device), view)
        # An error of the velocity is one of the clean latents, divided by the noise's amplitude.
        noise_power = (1 - schedule.alphas_cumprod[times]).clamp(min=_LEAST_NOISE_POWER)
        errors = (predicted - clean.to(device)).square()
        if step < _FAITHFUL_FROM * STEPS:
            there = view.of(clips.things[chosen][:, :, None]).to(device)
            errors = errors * torch.where(there, _WEIGHT_OF_THINGS, 1.0)
        errors = errors.mean(dim=(1, 2, 3, 4))
        loss = (errors / noise_power.to(device)).mean()
        right = facts(labels, poses, view.centres).to(device)
        told = questions.told_of(labels).to(device)
        errors = (taken - right).square().mean(dim=(1, 2))
        misread = (errors * told).sum() / told.sum().clamp(min=1)
        error_of_facts = misread.item()
        misread = misread + reading.exercise(random, device)
        return torch.as_tensor(loss + _WEIGHT_OF_FACTS * misread)

    def look(step: int) -> str:
        remark = f", facts {error_of_facts:.4f}"
        if step % _SAMPLES_EVERY:
            return remark
        model.eval()
        samples = [cases.render(pipe, seed, _SAMPLE_STEPS, _GUIDANCE) for seed in _SAMPLES]
        model.train()
        contact_sheet.write(
            folder / f"samples-{step:06}.jpg",
            [(contact_sheet.thumbnails(frames), case.lines()) for case, frames in samples],
        )
        scores = cases.scores([case for case, _ in samples])
        for name, score in scores.items():
            remark += f", {name} {score.right}/{score.of}"
        return remark

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


def _words(scene: Scene, random: np.random.Generator) -> tuple[str, list[int]]:
    """A caption of the scene, or now and then of less or of something else, and the answers that it
    gives."""
    kind = random.random()
    if kind < _UNCAPTIONED:
        return "", questions.no_labels()
    if kind < _UNCAPTIONED + _ANYTHING:
        return everyday.anything(random), questions.no_labels()
    if kind < _UNCAPTIONED + _ANYTHING + _LOOSE:
        return captions.loose_caption(scene, random), questions.no_labels()
    text = captions.caption(scene, random)
    if random.random() < _DISTRACTED:
        text = everyday.distracted(text, random)
    return text, questions.labels(scene)
