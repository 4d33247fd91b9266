"""What training asks about a scene has the answers that its pictures and captions have."""

import numpy as np
import pytest
import torch

from generator.demo.draw import draw
from generator.demo.questions import Answers, labels, no_labels, poses
from generator.demo.world import BACKGROUNDS, COLOURS, SHAPES, Scene, Thing, sample

LONE = next(s for s in map(sample, range(99)) if len(s.things) == 1)
PAIR = next(s for s in map(sample, range(99)) if len(s.things) == 2)


def test_labels_name_the_background_the_number_and_each_thing():
    found = labels(PAIR)
    assert BACKGROUNDS[found[0]] == PAIR.background
    assert found[1] == 1
    for place, thing in enumerate(PAIR.things):
        shape, colour = found[2 + 5 * place : 4 + 5 * place]
        assert (SHAPES[shape], list(COLOURS)[colour]) == (thing.shape, thing.colour)


def test_nothing_is_asked_about_a_thing_that_is_not_there():
    assert labels(LONE)[7:] == no_labels()[7:]
    assert len(labels(LONE)) == len(labels(PAIR)) == len(no_labels())


def test_answers_are_judged_by_what_was_asked():
    answers = Answers(width=8)
    states = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(0))
    asked = answers(states, torch.tensor([labels(LONE), labels(PAIR)]))
    assert asked > 0
    assert answers(states, torch.tensor([no_labels(), no_labels()])) == 0


@pytest.mark.parametrize("motion", ["right", "down left", "circle", "bounce", "grow"])
def test_poses_are_where_things_are_drawn(motion):
    thing = Thing("circle", "black", "medium", motion, "normal", 96.0, 64.0, 25.0, 2.0)
    scene = Scene("white", (thing,), seed=0)
    dark = 250 - draw(scene, [0, 6, 22, 46]).mean(axis=-1)
    y, x = np.mgrid[: dark.shape[1], : dark.shape[2]]
    told = poses(scene)[:, 0, :2] * 32
    assert poses(scene)[:, 1].isnan().all()
    for picture, latent_frame, tolerance in zip(dark, (0, 2, 6, 12), (1, 6, 6, 6), strict=True):
        centre = [(picture * axis).sum() / picture.sum() for axis in (x, y)]
        assert np.abs(told[latent_frame].numpy() - centre).max() < tolerance
