"""The upscale step keeps flat colours, places content and changes nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from generator.upscale import upscale


@given(st.lists(st.integers(0, 255), min_size=3, max_size=3), st.integers(1, 4))
def test_a_flat_colour_stays_exactly_itself(colour, count):
    frames = np.full((count, 8, 12, 3), colour, np.uint8)
    large = upscale(frames, (45, 30))
    assert large.shape == (count, 30, 45, 3)
    assert large.dtype == np.uint8
    assert (large == np.array(colour, np.uint8)).all()


def test_demo_geometry_keeps_content_in_place():
    frames = np.zeros((1, 128, 192, 3), np.uint8)
    frames[0, 32:64, 48:96, 0] = 255
    large = upscale(frames, (720, 480))
    rows, columns = np.nonzero(large[0, :, :, 0] > 127)
    assert (rows.min(), rows.max() + 1) == (120, 240)
    assert (columns.min(), columns.max() + 1) == (180, 360)
    assert not large[..., 1:].any()
