"""The transformer's two halves."""

import numpy as np
import pytest
import torch

from generator.demo import architecture, halves, train_drawing, train_reading
from generator.demo.facts import FACTS, facts
from generator.demo.questions import labels, poses
from generator.demo.tokenizer import encode, tokenizer
from generator.demo.views import around_things, whole
from generator.demo.world import sample

SCENE = sample(0)
VIEW = whole(torch.arange(13))


@pytest.fixture
def transformer():
    torch.manual_seed(0)
    return architecture.transformer()


@torch.no_grad()
def test_together_they_are_the_whole(transformer):
    noise, words = torch.randn(2, 13, 16, 16, 24), torch.randn(2, 40, 128)
    times = torch.tensor([999, 10])
    at_once = transformer(noise, words, times, return_dict=False)[0]
    middle = halves.read(transformer, noise, words, times, VIEW)
    assert torch.equal(halves.draw(transformer, middle, VIEW), at_once)


@pytest.mark.parametrize("close", [False, True])
def test_learning_to_draw_leaves_the_first_half_alone(transformer, close):
    half = train_drawing.DrawingHalf(transformer)
    pose = poses(SCENE)[None]
    view = around_things(VIEW.frames, pose, np.random.default_rng(0)) if close else VIEW
    told = facts(torch.tensor([labels(SCENE)]), pose, view.centres)
    drawn = half(told, torch.zeros(*told.shape[:2], 192 - FACTS), view)
    assert drawn.shape == view.of(torch.zeros(1, 13, 16, 16, 24)).shape
    drawn.square().sum().backward()
    with_gradients = {name for name, p in transformer.named_parameters() if p.grad is not None}
    assert "proj_out.weight" in with_gradients
    assert all(p.grad is not None for name, p in half.named_parameters() if ".attn1.to_v" in name)
    assert not any(name.startswith("transformer_blocks.0") for name in with_gradients)


def test_learning_to_read_leaves_the_second_half_alone(transformer):
    half = train_reading.ReadingHalf(architecture.text_encoder(), transformer)
    ids = encode(tokenizer(), ["a red circle moves left"])
    taken = half(ids, torch.randn(1, 13, 16, 16, 24), VIEW)
    assert taken.shape == (1, 312, FACTS)
    taken.square().sum().backward()
    with_gradients = {name for name, p in transformer.named_parameters() if p.grad is not None}
    assert "patch_embed.text_proj.weight" in with_gradients
    assert not any(name.startswith("transformer_blocks.3") for name in with_gradients)
