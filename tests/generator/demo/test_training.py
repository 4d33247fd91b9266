"""The training: it can be stopped and resumed, and what it leaves is a checkpoint."""

import numpy as np
import pytest
import torch
from diffusers import CogVideoXPipeline
from torch import nn

from generator.demo import (
    architecture,
    export,
    latents,
    train,
    train_denoiser,
    train_drawing,
    train_reading,
    train_text,
    train_vae,
    training,
)
from generator.demo.clips import Clips
from generator.demo.muon import Muon
from generator.demo.world import HEIGHT, LATENT_FRAMES, WIDTH


@pytest.fixture(scope="module")
def vae():
    torch.manual_seed(0)
    return architecture.vae().eval()


def _run(folder, *, steps=12, stop_at=None):
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    asked = iter(range(100))

    def loss_at(step):
        given = torch.from_numpy(np.random.default_rng(step).normal(size=(4, 3))).float()
        return (model(given) - given[:, :2]).square().mean()

    finished = training.train(
        folder,
        model,
        [Muon([model.weight], lr=0.05), torch.optim.AdamW([model.bias], lr=0.05)],
        loss_at,
        steps=steps,
        title="line",
        look=str,
        until=lambda: stop_at is not None and next(asked) >= stop_at,
    )
    return finished, model


def test_a_run_that_was_stopped_ends_like_one_that_was_not(tmp_path):
    _, whole = _run(tmp_path / "whole")
    stopped, _ = _run(tmp_path / "parts", stop_at=5)
    finished, resumed = _run(tmp_path / "parts")
    assert (stopped, finished) == (False, True)
    assert torch.equal(whole.weight, resumed.weight)
    assert torch.equal(whole.bias, resumed.bias)


def test_the_loss_of_the_vae_ignores_what_else_drew_random_numbers(vae):
    clip = torch.zeros(1, 3, 9, 32, 32)
    losses = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        losses.append(train_vae._loss(vae, clip, torch.Generator().manual_seed(3)).item())
    assert losses[0] == losses[1]


def test_a_finished_run_returns_its_result_again(tmp_path):
    _, first = _run(tmp_path)
    finished, again = _run(tmp_path)
    assert finished
    assert torch.equal(first.weight, again.weight)


def test_the_rate_rises_stays_and_falls_to_nothing():
    shares = [training.share_of_rate(step, 3000) for step in range(3001)]
    assert shares[0] < 0.05
    assert shares[1000] == shares[1799] == 1
    assert shares[2400] == pytest.approx(0.5)
    assert shares[3000] == 0


def test_muon_moves_by_orthogonal_steps():
    matrix = nn.Parameter(torch.zeros(8, 20))
    matrix.grad = torch.randn(8, 20, generator=torch.Generator().manual_seed(1))
    Muon([matrix], lr=1.0).step()
    values = torch.linalg.svdvals(matrix.detach())
    assert values.max() / values.min() < 2
    assert (matrix.detach() * matrix.grad).sum() < 0


@torch.no_grad()
def test_an_untrained_vae_carries_colours(vae):
    # A plain colour comes through, whatever it is, and so does a picture's coarse structure.
    for colour in ((-0.9, -0.9, -0.9), (0.9, -0.5, 0.1), (0.9, 0.9, 0.9)):
        clip = torch.tensor(colour)[None, :, None, None, None].expand(1, 3, 1, 128, 128)
        again = vae.decode(vae.encode(clip).latent_dist.mode()).sample
        assert (again - clip)[..., 48:80, 48:80].abs().mean() < 0.1
    assert train_vae.reconstruction_psnr(vae, 1, frames=1).min() > 17


@torch.no_grad()
def test_latents_are_scaled_to_a_standard_deviation_of_one(vae):
    other = architecture.vae().eval()
    other.load_state_dict(vae.state_dict())
    before = latents.encode(other, 3)
    latents.scale(other, before)
    assert latents.encode(other, 3).std().item() == pytest.approx(1, rel=1e-3)


def test_the_denoiser_learns_and_its_export_is_read_by_stock_diffusers(vae, tmp_path, monkeypatch):
    for stage in (train_text, train_drawing, train_reading):
        monkeypatch.setattr(stage, "STEPS", 1)
    monkeypatch.setattr(train_denoiser, "STEPS", 3)  # of few frames, close up, of all
    monkeypatch.setattr(train_denoiser, "_ALL_FRAMES_FROM", 0.3)
    monkeypatch.setattr(train_denoiser, "_WHOLE_FROM", 0.6)
    monkeypatch.setattr(train_denoiser, "_CLOSE_UPS", 1.0)
    monkeypatch.setattr(train_denoiser, "_CLIPS_IN_PART", 2)
    monkeypatch.setattr(train_denoiser, "_CLIPS_WHOLE", 2)
    clips = Clips(torch.randn(4, 16, LATENT_FRAMES, HEIGHT // 8, WIDTH // 8).half())
    text_encoder, transformer = train._beginning(tmp_path, clips, "cpu", lambda: False)
    model, finished = train_denoiser.train(
        tmp_path / "state", clips, vae, text_encoder, transformer, "cpu", lambda: False
    )
    assert finished
    vae.register_to_config(_name_or_path=str(tmp_path / "vae"))  # as one that was loaded has it
    export.write(tmp_path / "checkpoint", vae, text_encoder, model.transformer)
    pipe = CogVideoXPipeline.from_pretrained(tmp_path / "checkpoint")
    pipe.set_progress_bar_config(disable=True)
    frames = pipe(
        "a boat",
        width=64,
        height=32,
        num_frames=9,
        num_inference_steps=1,
        max_sequence_length=40,
        output_type="pt",
    ).frames
    assert frames.shape == (1, 9, 3, 32, 64)
    assert not list(tmp_path.glob(".checkpoint*")), "a draft was left behind"
    written = [path.read_text() for path in (tmp_path / "checkpoint").rglob("*.json")]
    assert not any(str(tmp_path) in text for text in written), "it says where it was trained"


def test_a_trained_checkpoint_can_be_trained_further(vae, monkeypatch, tmp_path):
    monkeypatch.setattr(train_denoiser, "STEPS", 1)
    monkeypatch.setattr(train_denoiser, "_CLIPS_IN_PART", 2)
    torch.manual_seed(5)
    trained = architecture.transformer()
    before = trained.proj_out.weight.clone()
    clips = Clips(torch.randn(4, 16, LATENT_FRAMES, HEIGHT // 8, WIDTH // 8).half())
    encoder = architecture.text_encoder()
    model, _ = train_denoiser.train(tmp_path, clips, vae, encoder, trained, "cpu", lambda: False)
    assert 0 < (before - model.transformer.proj_out.weight).abs().max() < 0.05
