"""Rendering on the real classes: seeds, cancel, progress, warnings, parameters, refusals."""

import dataclasses
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
import torch

from generator.base import GeneratorError, InvalidRequest, ModelUnavailable
from generator.catalogue import find, plan
from generator.cogvideox import load


def ignore(_done: int, _total: int) -> None:
    pass


def sha256(frames: np.ndarray) -> str:
    return hashlib.sha256(frames.tobytes()).hexdigest()


def test_a_clip_has_the_planned_shape_and_moves(renderer, small):
    clip = renderer.render(small(num_frames=17), ignore)
    assert clip.frames.shape == (17, 64, 96, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.fps == 8
    assert clip.frames.std() > 20
    assert np.abs(clip.frames[0].astype(int) - clip.frames[-1]).mean() > 5


def test_progress_counts_every_step(renderer, small):
    seen = []
    renderer.render(small(steps=3), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_seed_guidance_and_prompts_decide_the_frames(renderer, small):
    base = renderer.render(small(), ignore).frames
    assert np.array_equal(base, renderer.render(small(), ignore).frames)
    for change in (
        {"seed": 8},
        {"guidance_scale": 1.0},
        {"prompt": "blue"},
        {"negative_prompt": "blurry"},
        {"steps": 3},
    ):
        assert not np.array_equal(base, renderer.render(small(**change), ignore).frames), change


class Cancelled(BaseException):
    """As a workflow engine raises it: not an Exception."""


def test_cancel_stops_at_once_and_leaves_no_trace(folder, renderer, small):
    cancelled, seen = Cancelled(), []

    def cancel(done: int, _total: int) -> None:
        seen.append(done)
        if done == 2:
            raise cancelled

    with pytest.raises(Cancelled) as caught:
        renderer.render(small(steps=50, seed=99), cancel)
    assert caught.value is cancelled
    assert seen == [1, 2]

    here = sha256(renderer.render(small(), ignore).frames)
    code = """
import hashlib, sys, torch
from generator.base import RenderRequest
from generator.cogvideox import load
torch.set_num_threads(int(sys.argv[3]))
request = RenderRequest(**__import__("json").loads(sys.argv[2]))
clip = load(sys.argv[1], device="cpu").render(request, lambda done, total: None)
print(hashlib.sha256(clip.frames.tobytes()).hexdigest())
"""
    request = json.dumps(dataclasses.asdict(small()))
    arguments = [str(folder), request, str(torch.get_num_threads())]
    fresh = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, timeout=120
    )
    assert fresh.stdout.decode().split()[-1] == here


def test_the_prompt_beyond_the_token_limit_is_announced(renderer, small):
    assert renderer.render(small("red " * 39), ignore).warnings == ()
    long = renderer.render(small("red " * 40, negative_prompt="blue " * 100), ignore)
    assert long.warnings == (
        "the prompt is longer than 40 T5 tokens; the rest was not seen by the model",
        "the negative prompt is longer than 40 T5 tokens; the rest was not seen by the model",
    )
    longer = renderer.render(small("red " * 90, negative_prompt="blue " * 100), ignore)
    assert np.array_equal(long.frames, longer.frames)


@pytest.mark.parametrize(
    "prompt", ["猫が走る 🐈", "\x00\ufffd", "Zoë’s naïve café", "</s><pad>", "a" * 999]
)
def test_any_prompt_renders(renderer, small, prompt):
    assert renderer.render(small(prompt, steps=1), ignore).frames.shape == (9, 64, 96, 3)


def test_parameters_say_what_shaped_the_clip(folder, renderer, small):
    parameters = renderer.render(small(), ignore).parameters
    assert json.loads(json.dumps(parameters)) == parameters
    assert parameters["model"] == parameters["source"] == str(folder)
    assert len(parameters["weights_sha256"]) == 64
    assert parameters["scheduler"]["class"] == "CogVideoXDDIMScheduler"
    assert parameters["scheduler"]["snr_shift_scale"] == 3.0
    assert parameters["scheduler"]["timestep_spacing"] == "trailing"
    assert parameters["dtype"] == "float32"
    assert parameters["device"] == "cpu"
    assert parameters["memory"] == {"placement": "full", "vae_tiling": False}
    assert (parameters["seed"], parameters["steps"], parameters["guidance_scale"]) == (7, 2, 6.0)
    assert parameters["render_size"] == parameters["delivery_size"] == [96, 64]
    assert parameters["upscale"] is None
    assert parameters["libraries"]["torch"] == torch.__version__
    assert "red circle" not in json.dumps(parameters)


def test_the_demo_delivers_the_size_of_the_real_model():
    demo = load("demo", device="cpu")
    request = plan("demo", prompt="a boat", seconds=1, steps=1, seed=1)
    clip = demo.render(request, ignore)
    assert clip.frames.shape == (9, 480, 720, 3)
    assert clip.parameters["model"] == "demo"
    assert clip.parameters["render_size"] == [192, 128]
    assert clip.parameters["delivery_size"] == [720, 480]
    assert clip.parameters["upscale"] == "bicubic"


def with_scheduler(folder: Path, copy: Path, scheduler: str) -> Path:
    """The checkpoint again, under another scheduler."""
    copy.mkdir()
    for part in folder.iterdir():
        (copy / part.name).symlink_to(part)
    index = json.loads((folder / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", scheduler]
    (copy / "model_index.json").unlink()
    (copy / "model_index.json").write_text(json.dumps(index))
    return copy


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_dpm_with_dynamic_guidance_repeats_its_seed(folder, tmp_path, steps):
    model = str(with_scheduler(folder, tmp_path / "dpm", "CogVideoXDPMScheduler"))
    dpm = load(model, device="cpu")
    request = plan(model, prompt="a boat", size="96x64", num_frames=9, steps=steps, seed=3)
    first, second = (dpm.render(request, ignore) for _ in range(2))
    assert np.array_equal(first.frames, second.frames)
    assert first.parameters["scheduler"]["class"] == "CogVideoXDPMScheduler"
    assert first.parameters["dynamic_cfg"] is True


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"num_frames": 10}, "num_frames"),
        ({"num_frames": 13}, "num_frames"),
        ({"width": 72}, "size"),
        ({"height": 24}, "size"),
        ({"fps": 24.0}, "fps"),
        ({"model": "demo"}, "model"),
        ({"image": np.zeros((64, 96, 3), np.uint8)}, "image"),
        ({"video": np.zeros((9, 64, 96, 3), np.uint8)}, "video"),
    ],
)
def test_the_renderer_refuses_what_the_model_cannot_do(renderer, small, change, param):
    with pytest.raises(InvalidRequest) as refusal:
        renderer.render(dataclasses.replace(small(), **change), ignore)
    assert refusal.value.param == param


def test_frames_that_are_not_numbers_are_never_delivered(folder, small):
    broken = load(str(folder), device="cpu")
    with torch.no_grad():
        broken._pipe.transformer.proj_out.bias.fill_(torch.nan)
    with pytest.raises(GeneratorError, match="not numbers"):
        broken.render(small(), ignore)


def test_out_of_memory_says_what_to_do_and_the_next_render_is_the_same(renderer, small):
    before = renderer.render(small(), ignore).frames

    def exhausted(*_: object) -> None:
        raise torch.OutOfMemoryError

    hook = renderer._pipe.transformer.proj_out.register_forward_pre_hook(exhausted)
    with pytest.raises(GeneratorError, match="model_offload"):
        renderer.render(small(), ignore)
    hook.remove()
    assert np.array_equal(renderer.render(small(), ignore).frames, before)


def test_weights_that_are_not_here_and_cannot_be_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable, match="Download it first"):
        load("cogvideox-2b", device="cpu")


@pytest.mark.parametrize(
    "device", ["mps", "gpu", "cuda:99" if not torch.cuda.is_available() else "tpu"]
)
def test_a_device_that_is_not_here(folder, device):
    with pytest.raises(InvalidRequest) as refusal:
        load(str(folder), device=device)
    assert refusal.value.param == "device"


def test_missing_weights_say_so(folder, tmp_path):
    incomplete = with_scheduler(folder, tmp_path / "incomplete", "CogVideoXDDIMScheduler")
    (incomplete / "transformer").unlink()
    (incomplete / "transformer").mkdir()
    config = (folder / "transformer" / "config.json").read_text()
    (incomplete / "transformer" / "config.json").write_text(config)
    with pytest.raises(ModelUnavailable, match="complete local folder"):
        load(str(incomplete), device="cpu")


def test_offload_needs_a_gpu(folder):
    with pytest.raises(InvalidRequest, match="needs a GPU") as refusal:
        load(str(folder), device="cpu", memory="model_offload")
    assert refusal.value.param == "memory"


def test_the_catalogue_describes_the_demo_checkpoint(renderer):
    config = renderer._pipe.transformer.config
    demo = find("demo")
    assert demo.max_prompt_tokens == config.max_text_seq_length
    assert demo.render_size == (config.sample_width * 8, config.sample_height * 8)
    assert demo.max_frames == config.sample_frames
