"""The facts that the middle of the transformer is to know."""

import numpy as np
import torch

from generator.demo.facts import FACTS, facts
from generator.demo.questions import labels, no_labels, poses
from generator.demo.views import around_things, whole
from generator.demo.world import SHAPES, sample

LONE, PAIR = (
    next(scene for scene in map(sample, range(100)) if len(scene.things) == count)
    for count in (1, 2)
)
CENTRES = whole(torch.arange(13)).centres


def of(scene, centres=CENTRES):
    return facts(torch.tensor([labels(scene)]), poses(scene)[None], centres)


def test_the_way_to_a_thing_leads_to_where_it_is():
    told = of(LONE)[0].unflatten(0, (13, -1))
    x, y = poses(LONE)[6, 0, :2]
    nearest = (CENTRES[0, 6] - torch.tensor([x, y])).norm(dim=-1).argmin()
    assert torch.allclose(CENTRES[0, 6, nearest] + told[6, nearest, :2], torch.tensor([x, y]))
    assert told[..., :2].abs().max() <= 2.5, "farther things look the same from here"


def test_a_thing_that_is_not_there_has_no_facts():
    lone, pair = (of(scene).abs().sum(dim=(0, 1)) > 0 for scene in (LONE, PAIR))
    assert lone.sum() < pair.sum()
    assert of(LONE).isfinite().all()


def test_scenes_that_differ_in_shape_alone_differ_in_two_facts():
    first, other = torch.tensor([labels(LONE)]), torch.tensor([labels(LONE)])
    other[0, 2] = (other[0, 2] + 1) % len(SHAPES)
    pose = poses(LONE)[None]
    differ = (facts(first, pose, CENTRES) != facts(other, pose, CENTRES)).any(dim=(0, 1))
    assert differ.sum() == 2


def test_a_caption_that_does_not_tell_answers_nothing():
    told = facts(torch.tensor([no_labels()]), poses(LONE)[None], CENTRES)
    assert told.shape == (1, 312, FACTS)
    assert (told[..., 34:] == 0).all()


def test_a_window_has_the_facts_of_its_tokens():
    view = around_things(torch.arange(13), poses(LONE)[None], np.random.default_rng(0))
    assert torch.equal(of(LONE, view.centres)[0], of(LONE)[0][view.tokens[0]])
