"""The clips that training draws lots from."""

import numpy as np
import torch

from generator.demo.clips import Clips


def test_clips_in_which_something_turns_are_seen_more_often():
    clips = Clips(torch.zeros(60, 16, 13, 1, 1, dtype=torch.float16))
    turning = {n for n, s in enumerate(clips.scenes) if "rotate" in [t.motion for t in s.things]}
    seen = clips.some(np.random.default_rng(0), 1000)
    assert set(seen) == set(range(60))
    assert np.isin(seen, [*turning]).mean() > 0.15 + len(turning) / 60


def test_where_nothing_turns_all_are_alike():
    clips = Clips(torch.zeros(2, 16, 13, 1, 1, dtype=torch.float16))
    assert set(clips.some(np.random.default_rng(0), 50)) == {0, 1}
