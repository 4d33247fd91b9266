"""Trains the demo's transformer and text encoder together, on latents of drawn scenes.

The network predicts the clean latents, and is judged by the velocity that follows from them; the
noise schedule is CogVideoX's own. Captions are worded anew at every step, and left out at times for
classifier-free guidance. A guide asks the middle of the transformer what the picture is to show,
and the text encoder goes on reading captions of scenes without clips, or it would forget all words
but those of the few thousand scenes that have one.
"""

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
    muon,
    questions,
    train_vae,
    training,
    views,
)
from generator.demo.guide import Guide
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.train_text import Reader
from generator.demo.views import View
from generator.demo.whereabouts import whereabouts
from generator.demo.world import Scene, sample

STEPS = 6200
SEED = 2
_RATE_MATRICES, _RATE_OTHERS = 2e-3, 2e-3
_FEW_FRAMES, _CLIPS_IN_PART, _CLIPS_WHOLE = 4, 32, 16
_ALL_FRAMES_FROM, _WHOLE_FROM = 0.7, 0.88
"""Up to the first share of the steps, each sees a few latent frames of many clips, at their places
in time, because neighbours in time look alike; up to the second, most see windows around things."""
_CLOSE_UPS = 0.75
"""Share of the steps between the two that do."""
_LEAST_NOISE_POWER = 0.05
_WEIGHT_OF_THINGS = 3.0
"""Of the error where a thing is, against that of the background; they take a tenth of a picture."""
_FAITHFUL_FROM = 0.9
"""From this share of the steps on things weigh no more than the rest, or they would be rendered
larger than they are."""
_UNCAPTIONED, _ANYTHING, _LOOSE, _DISTRACTED = 0.1, 0.02, 0.08, 0.1
"""Shares of the captions."""
_SAMPLES = range(1_000_000, 1_000_010)
"""Seeds of held-out captions that are looked at on the way; not those of the evaluation."""
_SAMPLES_EVERY, _SAMPLE_STEPS, _GUIDANCE = 1000, 10, 1.0


class Denoiser(nn.Module):
    """A reader's text encoder and a transformer: clean latents from noisy ones, times and token
    ids."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.transformer = architecture.transformer()
        self.guide = Guide(self.transformer)

    def forward(self, latents: Tensor, times: Tensor, ids: Tensor, view: View) -> Tensor:
        """latents, noisy and clean, of a view: (B, N, 16, height, width). times: (B,). ids:
        (B, 40)."""
        words = self.reader.text_encoder(ids).last_hidden_state
        with views.only(self.transformer.patch_embed, view):
            return torch.as_tensor(
                self.transformer(
                    hidden_states=latents,
                    encoder_hidden_states=words,
                    timestep=times,
                    return_dict=False,
                )[0]
            )


def train(
    folder: Path,
    latents: Tensor,
    vae: Any,
    reader: Reader,
    transformer: Any | None,
    device: str,
    until: Callable[[], bool],
) -> tuple[Denoiser, bool]:
    """The denoiser as far as it was trained, and whether that is to the end; `folder` holds its
    state. It begins with the weights of `transformer`, or from nothing."""
    torch.manual_seed(SEED)
    model = Denoiser(reader)
    if transformer is not None:
        model.transformer.load_state_dict(transformer.state_dict())
    model.to(device)
    words, schedule = tokenizer(), architecture.scheduler()
    pipe = architecture.pipeline(
        train_vae.for_inference(vae), reader.text_encoder, model.transformer
    )
    pipe.set_progress_bar_config(disable=True)
    model.train()

    scenes = [sample(seed) for seed in range(len(latents))]
    things = torch.stack([whereabouts(scene) for scene in scenes])
    poses = torch.stack([questions.poses(scene) for scene in scenes])

    def loss_at(step: int) -> Tensor:
        random = np.random.default_rng((SEED, step))
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        frames = torch.arange(latents.shape[2])
        few, close = step < _ALL_FRAMES_FROM * STEPS, False
        if few:
            frames = torch.from_numpy(np.sort(random.permutation(frames)[:_FEW_FRAMES]))
        elif step < _WHOLE_FROM * STEPS:
            close = random.random() < _CLOSE_UPS
        batch = _CLIPS_IN_PART if few or close else _CLIPS_WHOLE
        chosen = random.integers(len(latents), size=batch)
        asked = poses[chosen][:, frames]
        view = views.around_things(frames, asked, random) if close else views.whole(frames)
        clean = view.of(latents[chosen].transpose(1, 2)).float()
        noise = torch.randn(clean.shape, generator=generator)
        times = _times(batch, schedule.config.num_train_timesteps, generator)
        worded = [_words(scenes[seed], random) for seed in chosen]
        ids = encode(words, [text for text, _ in worded])
        labels = torch.tensor([right for _, right in worded])
        noisy = schedule.add_noise(clean, noise, times)
        predicted = model(noisy.to(device), times.to(device), ids.to(device), view)
        # An error of the velocity is one of the clean latents, divided by the noise's amplitude.
        noise_power = (1 - schedule.alphas_cumprod[times]).clamp(min=_LEAST_NOISE_POWER)
        errors = (predicted - clean.to(device)).square()
        if step < _FAITHFUL_FROM * STEPS:
            there = view.of(things[chosen][:, :, None]).to(device)
            errors = errors * torch.where(there, _WEIGHT_OF_THINGS, 1.0)
        errors = errors.mean(dim=(1, 2, 3, 4))
        loss = (errors / noise_power.to(device)).mean()
        guided = model.guide(labels.to(device), asked.to(device), view.centres.to(device))
        return torch.as_tensor(loss + guided + reader.exercise(random, device))

    def look(step: int) -> str:
        remark = f", poses {model.guide.error:.3f}"
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
    """A caption of the scene, or now and then of less or of something else, and what the guide may
    ask then."""
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
