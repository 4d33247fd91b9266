"""The scenes whose captions are read in training."""

import numpy as np

from generator.demo.reading_matter import to_read
from generator.demo.world import TURNING


def test_turns_of_both_senses_are_common_and_nothing_is_held_out():
    random = np.random.default_rng(0)
    scenes = [to_read(random) for _ in range(200)]
    turning = [s.things[0].turns for s in scenes if s.things[0].motion in TURNING]
    assert 60 < len(turning) < 140
    assert 20 < sum(turns < 0 for turns in turning) < 80
    assert not any(scene.held_out for scene in scenes)
