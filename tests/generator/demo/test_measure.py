"""What the program sees in clips of the demo's world, sharp and spoilt as a small model's are."""

import av
import cv2
import numpy as np
import pytest

from generator.demo.draw import draw
from generator.demo.measure import NOTHING, Observation, observe
from generator.demo.world import Scene, sample
from generator.encode import encode

OPPOSITE = {
    "left": "right",
    "up": "down",
    "up left": "down right",
    "down left": "up right",
    "grow": "shrink",
}


def wanted(scene, index=0):
    thing = scene.things[index]
    return Observation(scene.background, thing.colour, thing.shape, thing.motion)


def scenes(count, things=1):
    """The first scenes of so many things."""
    found = (sample(seed) for seed in range(1000))
    return [scene for scene in found if len(scene.things) == things][:count]


def covering():
    """A few scenes of one thing that together show every background, colour, shape and motion."""
    values = {
        scene: {(name, getattr(wanted(scene), name)) for name in Observation.__slots__}
        for scene in scenes(150)
    }
    missing = set.union(*values.values())
    while missing:
        best = max(values, key=lambda scene: len(values[scene] & missing))
        missing -= values[best]
        yield best


def spoilt(frames, tmp_path):
    """Smeared, off in its colours, noisy and full of the blocks of a strong compression."""
    random = np.random.default_rng(0)
    blurred = np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in frames])
    noisy = blurred + random.uniform(-20, 20, 3) + random.normal(0, 8, frames.shape)
    encode(noisy.clip(0, 255).astype(np.uint8), 8, tmp_path / "clip.mp4", crf=35)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_everything_that_the_world_has_is_named():
    for scene in covering():
        assert observe(draw(scene)) == wanted(scene), scene


def test_a_spoilt_clip_is_named_like_a_clean_one(tmp_path):
    for scene in scenes(6):
        assert observe(spoilt(draw(scene), tmp_path)) == wanted(scene), scene


def test_of_two_things_the_one_of_the_given_colour_is_described():
    for scene in scenes(3, things=2):
        assert observe(draw(scene), scene.things[0].colour) == wanted(scene), scene


def test_a_clip_shown_backwards_moves_the_other_way():
    pairs = OPPOSITE | {there: back for back, there in OPPOSITE.items()}
    for scene in [scene for scene in scenes(30) if scene.things[0].motion in pairs][:3]:
        assert observe(draw(scene)[::-1]).motion == pairs[scene.things[0].motion], scene


def test_a_few_bad_frames_change_nothing():
    (scene,) = scenes(1)
    frames = draw(scene)
    frames[5] = draw(Scene(scene.background, (), seed=0), [5])[0]
    frames[20] = (255, 0, 255)
    frames[33] = frames[2]
    assert observe(frames) == wanted(scene)


@pytest.mark.parametrize("background", ["grey", "rain"])
def test_where_nothing_is_nothing_is_seen(background):
    empty = draw(Scene(background, (), seed=3))
    assert observe(empty) == Observation(background, NOTHING, NOTHING, NOTHING)
