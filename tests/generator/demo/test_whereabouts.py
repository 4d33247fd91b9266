"""The training's idea of where things are agrees with the drawn pictures."""

from dataclasses import replace

import numpy as np
import pytest

from generator.demo.draw import draw
from generator.demo.whereabouts import whereabouts
from generator.demo.world import sample


@pytest.mark.parametrize("seed", range(12))
def test_things_are_where_the_picture_changes_without_them(seed):
    scene = sample(seed)
    without = draw(replace(scene, things=())).astype(int)
    changed = np.abs(draw(scene) - without).max(axis=-1) > 60
    covered = changed.reshape(49, 16, 8, 24, 8).mean(axis=(2, 4))
    by_latent_frame = np.stack(
        [covered[:1].max(axis=0), *covered[1:].reshape(12, 4, 16, 24).max(axis=1)]
    )
    there = whereabouts(scene).numpy()
    assert there.shape == by_latent_frame.shape
    assert there[by_latent_frame > 0.5].all()
    assert there.mean() < 3 * (by_latent_frame > 0).mean()
