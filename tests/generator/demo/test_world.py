"""The demo's scenes: repeatable, within the picture, and some kept back for the evaluation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.demo.draw import draw, pose
from generator.demo.world import (
    BACKGROUNDS,
    COLOURS,
    FRAMES,
    HEIGHT,
    MOTIONS,
    SHAPES,
    SIZES,
    WIDTH,
    Scene,
    Thing,
    sample,
)

seeds = st.integers(0, 2**31 - 1)


def _combination(scene):
    thing = scene.things[0]
    return thing.shape, thing.colour, thing.motion, scene.background


@given(seeds, st.booleans())
def test_a_seed_always_means_the_same_scene(seed, held_out):
    assert sample(seed, held_out) == sample(seed, held_out)


@given(seeds)
def test_things_stay_within_the_picture(seed):
    for thing in sample(seed).things:
        for t in np.linspace(0, 1, 13):
            x, y, scale, _ = pose(thing, t)
            radius = thing.radius * scale
            assert radius <= x <= WIDTH - radius
            assert radius <= y <= HEIGHT - radius


@given(seeds)
def test_two_things_differ_and_do_not_meet(seed):
    scene = sample(seed)
    if len(scene.things) == 2:
        one, other = scene.things
        assert one.shape != other.shape
        assert one.colour != other.colour
        for t in np.linspace(0, 1, 13):
            (x, y, *_), (u, v, *_) = pose(one, t), pose(other, t)
            assert np.hypot(x - u, y - v) > 0.8 * (one.radius + other.radius)


def test_combinations_of_the_evaluation_never_occur_in_training():
    training = {_combination(sample(seed)) for seed in range(1500)}
    evaluation = {_combination(sample(seed, held_out=True)) for seed in range(300)}
    assert not training & evaluation


def test_everything_occurs_in_training_and_in_the_evaluation():
    for held_out, count in ((False, 600), (True, 600)):
        scenes = [sample(seed, held_out) for seed in range(count)]
        assert {scene.background for scene in scenes} == set(BACKGROUNDS)
        assert {scene.things[0].shape for scene in scenes} == set(SHAPES)
        assert {scene.things[0].colour for scene in scenes} == set(COLOURS)
        assert {scene.things[0].motion for scene in scenes} == set(MOTIONS)
        assert {scene.things[0].size for scene in scenes} == set(SIZES)


@settings(max_examples=10)
@given(seeds)
def test_frames_can_be_drawn_one_by_one(seed):
    scene = sample(seed)
    clip = draw(scene)
    assert clip.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert clip.dtype == np.uint8
    assert np.array_equal(draw(scene, [17, 3]), clip[[17, 3]])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_drawn_thing_has_its_colour_and_fits_its_radius(shape):
    thing = Thing(shape, "red", "medium", "still", "slow", 90.0, 60.0, 0.0, 0.0)
    picture = draw(Scene("white", (thing,), 0), [0])[0]
    rows, columns = np.nonzero((picture == COLOURS["red"]).all(axis=2))
    assert len(rows) > 200
    assert np.hypot(columns - 90, rows - 60).max() <= thing.radius + 1


@given(seeds)
def test_a_thing_moves_around_the_middle_of_its_stage(seed):
    things = sample(seed).things
    stage = WIDTH / len(things)
    for place, thing in enumerate(things):
        assert abs(thing.x - stage * (place + 0.5)) <= 6
        assert abs(thing.y - HEIGHT / 2) <= 6
