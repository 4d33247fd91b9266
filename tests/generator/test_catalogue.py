"""The catalogue's figures, what `find` accepts, and how `plan` fills in and refuses."""

import json
import math
import subprocess
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.base import InvalidRequest, ModelUnavailable, UnknownModel
from generator.catalogue import find, models, plan

CATALOGUED = [spec.id for spec in models()]


@pytest.mark.parametrize(
    ("model", "size", "frames", "fps", "steps", "guidance"),
    [
        ("demo", (720, 480), 49, 8, 10, 3),
        ("zai-org/CogVideoX-2b", (720, 480), 49, 8, 50, 6),
        ("zai-org/CogVideoX-5b", (720, 480), 49, 8, 50, 6),
        ("zai-org/CogVideoX1.5-5B", (1360, 768), 81, 16, 50, 6),
    ],
)
def test_defaults_are_the_models_own(model, size, frames, fps, steps, guidance):
    request = plan(model, prompt="a boat")
    assert (request.width, request.height) == size
    assert (request.num_frames, request.fps, request.steps) == (frames, fps, steps)
    assert request.guidance_scale == guidance
    assert request.model == model


@pytest.mark.parametrize("name", ["cogvideox-2b", "THUDM/CogVideoX-2b", "ZAI-ORG/cogvideox-2B"])
def test_aliases_in_any_case(name):
    assert find(name).id == "zai-org/CogVideoX-2b"


def test_the_5b_licence_names_its_condition():
    assert "registration" in find("cogvideox-5b").licence_note


@pytest.mark.parametrize(
    ("model", "seconds", "frames"),
    [
        ("demo", 6, 49),
        ("demo", 4, 33),
        ("demo", 1, 9),
        ("cogvideox1.5-5b", 5, 81),
        ("cogvideox1.5-5b", 10.0, 161),
    ],
)
def test_seconds_become_frames(model, seconds, frames):
    assert plan(model, prompt="a boat", seconds=seconds).num_frames == frames


@pytest.mark.parametrize(
    ("wish", "param", "hint"),
    [
        ({"seconds": 7}, "seconds", "1, 2, 3, 4, 5, 6"),
        ({"seconds": 2.5}, "seconds", "1, 2, 3, 4, 5, 6"),
        ({"seconds": math.nan}, "seconds", "1, 2, 3, 4, 5, 6"),
        ({"num_frames": 48}, "num_frames", "9, 17, 25, 33, 41, 49"),
        ({"num_frames": 5}, "num_frames", "8N+1"),
        ({"num_frames": 57}, "num_frames", "49"),
        ({"num_frames": 49, "seconds": 4}, "num_frames", "33"),
        ({"size": "1360x768"}, "size", "720x480"),
        ({"size": "480x720"}, "size", "720x480"),
        ({"size": "720*480"}, "size", "WIDTHxHEIGHT"),
        ({"size": "720x480\n"}, "size", "WIDTHxHEIGHT"),
        ({"steps": 0}, "steps", "between 1 and 200"),
        ({"steps": 201}, "steps", "between 1 and 200"),
        ({"guidance_scale": 0.5}, "guidance_scale", "between 1.0 and 20.0"),
        ({"guidance_scale": math.nan}, "guidance_scale", "between 1.0 and 20.0"),
        ({"seed": -1}, "seed", "between 0"),
        ({"seed": 2**63}, "seed", "between 0"),
        ({"prompt": " \n\t"}, "prompt", "empty"),
        ({"prompt": "x" * 10_001}, "prompt", "10,000"),
        ({"negative_prompt": "x" * 10_001}, "negative_prompt", "10,000"),
    ],
)
def test_refusals_name_the_field_and_what_is_allowed(wish, param, hint):
    with pytest.raises(InvalidRequest) as refusal:
        plan("demo", **{"prompt": "a boat", **wish})
    assert refusal.value.param == param
    assert hint in str(refusal.value)


@given(st.sampled_from(CATALOGUED), st.integers(-5, 400))
def test_only_the_models_own_frame_counts_pass(model, count):
    unit, most = (16, 161) if "1.5" in model else (8, 49)
    if count > 1 and count % unit == 1 and count <= most:
        assert plan(model, prompt="a boat", num_frames=count).num_frames == count
    else:
        with pytest.raises(InvalidRequest):
            plan(model, prompt="a boat", num_frames=count)


def test_seeds_are_drawn_anew_unless_given():
    seeds = {plan("demo", prompt="a boat").seed for _ in range(8)}
    assert len(seeds) == 8
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert plan("demo", prompt="a boat", seed=2**63 - 1).seed == 2**63 - 1


def test_a_local_folder_brings_its_own_limits(folder):
    spec = find(str(folder))
    assert spec.id == spec.source == str(folder)
    assert spec.sizes == ((192, 128),)
    assert spec.frame_counts() == (9, 17, 25, 33, 41, 49)
    assert (spec.scheduler, spec.dynamic_cfg, spec.max_prompt_tokens) == ("ddim", False, 40)
    assert plan(str(folder), prompt="a boat", size="96x64").width == 96


@pytest.mark.parametrize("size", ["48x64", "64x40", "224x128", "192x160", "0x64"])
def test_a_local_folder_takes_sizes_of_whole_tokens_up_to_its_own(folder, size):
    with pytest.raises(InvalidRequest, match="divisible by 32"):
        plan(str(folder), prompt="a boat", size=size)


def write_configuration(folder: Path, transformer: dict, scheduler: str, cls="CogVideoXPipeline"):
    index = {"_class_name": cls, "scheduler": ["diffusers", scheduler]}
    vae = {"block_out_channels": [128, 256, 256, 512]}
    for name, content in (
        ("model_index.json", index),
        ("transformer/config.json", transformer),
        ("vae/config.json", vae),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))


OFFICIAL_TRANSFORMER = {
    "sample_width": 90,
    "sample_height": 60,
    "sample_frames": 49,
    "patch_size": 2,
    "patch_size_t": None,
    "max_text_seq_length": 226,
}
OFFICIAL_1_5 = {"sample_width": 300, "sample_height": 300, "sample_frames": 81, "patch_size_t": 2}


@pytest.mark.parametrize(
    ("twin", "changes", "scheduler"),
    [
        ("cogvideox-2b", {"use_rotary_positional_embeddings": False}, "CogVideoXDDIMScheduler"),
        ("cogvideox-5b", {"use_rotary_positional_embeddings": True}, "CogVideoXDPMScheduler"),
        (
            "cogvideox1.5-5b",
            {**OFFICIAL_1_5, "use_rotary_positional_embeddings": True},
            "CogVideoXDPMScheduler",
        ),
    ],
)
def test_a_folder_with_an_official_configuration_gets_the_official_limits(
    tmp_path, twin, changes, scheduler
):
    write_configuration(tmp_path, {**OFFICIAL_TRANSFORMER, **changes}, scheduler)
    derived, official = find(str(tmp_path)), find(twin)
    for fact in (
        *("sizes", "frame_unit", "default_frames", "max_frames", "fps", "dtype", "scheduler"),
        *(
            "dynamic_cfg",
            "memory",
            "size_step",
            "max_prompt_tokens",
            "default_steps",
            "default_guidance",
        ),
    ):
        assert getattr(derived, fact) == getattr(official, fact), fact


@pytest.mark.parametrize(
    ("transformer", "scheduler", "cls", "hint"),
    [
        (OFFICIAL_TRANSFORMER, "CogVideoXDDIMScheduler", "WanPipeline", "WanPipeline"),
        (OFFICIAL_TRANSFORMER, "EulerDiscreteScheduler", "CogVideoXPipeline", "EulerDiscrete"),
        ({}, "CogVideoXDDIMScheduler", "CogVideoXPipeline", "incomplete"),
    ],
)
def test_other_checkpoints_are_refused(tmp_path, transformer, scheduler, cls, hint):
    write_configuration(tmp_path, transformer, scheduler, cls)
    with pytest.raises(UnknownModel, match=hint) as refusal:
        find(str(tmp_path))
    assert refusal.value.param == "model"


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_broken_folder_is_refused(tmp_path, content):
    (tmp_path / "model_index.json").write_text(content)
    with pytest.raises(UnknownModel, match="model_index"):
        find(str(tmp_path))


@pytest.mark.parametrize("model", ["", "sora", "/nowhere", "../..x/y/z", "a b/c", "demo "])
def test_unknown_names_list_the_catalogue(model):
    with pytest.raises(UnknownModel, match="zai-org/CogVideoX-2b"):
        find(model)


def test_an_unreachable_hub_is_not_the_callers_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable, match="hub cannot be reached"):
        find("somebody/CogVideoX-finetune")


def test_planning_loads_no_tensor_library():
    code = (
        "import sys, generator.catalogue as c; c.plan('demo', prompt='a boat');"
        "assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
