"""The memory policy as a table: what fits where, and what can be demanded."""

import pytest

from generator.base import InvalidRequest, ModelUnavailable
from generator.catalogue import find, models
from generator.memory import MemoryPolicy, apply, choose
from generator.spec import MemoryNeeds

NEEDS = MemoryNeeds(full=34, full_tiled=26, model_offload=20.7, sequential_offload=5)


@pytest.mark.parametrize(
    ("free", "memory", "placement", "tiling"),
    [
        (80, "auto", "full", False),
        (34, "auto", "full", False),
        (33.9, "auto", "full", True),
        (26, "auto", "full", True),
        (24, "auto", "model_offload", True),
        (16, "auto", "sequential_offload", True),
        (5, "auto", "sequential_offload", True),
        (80, "full", "full", False),
        (30, "full", "full", True),
        (10, "full", "full", True),
        (80, "model_offload", "model_offload", True),
        (2, "model_offload", "model_offload", True),
        (80, "sequential_offload", "sequential_offload", True),
        (None, "auto", "full", False),
        (None, "full", "full", False),
    ],
)
def test_the_fastest_policy_that_fits(free, memory, placement, tiling):
    assert choose(NEEDS, free, memory) == MemoryPolicy(placement, vae_tiling=tiling)


def test_too_little_memory_says_how_much_is_needed():
    with pytest.raises(ModelUnavailable, match="at least 5 GiB"):
        choose(NEEDS, 4.9)


@pytest.mark.parametrize(
    ("free", "memory"), [(80, "gpu"), (None, "model_offload"), (None, "sequential_offload")]
)
def test_impossible_demands_are_refused(free, memory):
    with pytest.raises(InvalidRequest) as refusal:
        choose(NEEDS, free, memory)
    assert refusal.value.param == "memory"


def test_every_step_down_needs_less():
    for spec in models():
        needs = spec.memory
        ladder = (needs.full, needs.full_tiled, needs.model_offload, needs.sequential_offload)
        assert list(ladder) == sorted(ladder, reverse=True)


def test_a_24_gib_gpu_runs_the_2b_model_without_offload():
    policy = choose(find("cogvideox-2b").memory, 23.5)
    assert policy == MemoryPolicy("full", vae_tiling=True)


def test_tiling_reaches_the_vae(folder):
    from diffusers import CogVideoXPipeline

    pipe = CogVideoXPipeline.from_pretrained(folder)
    apply(pipe, MemoryPolicy("full", vae_tiling=True), "cpu")
    assert pipe.vae.use_tiling
    assert pipe.vae.use_slicing
