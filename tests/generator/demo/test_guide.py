"""The guide asks the transformer's middle, and what it asks reaches the weights before that."""

import pytest
import torch

from generator.demo import architecture
from generator.demo.guide import Guide
from generator.demo.questions import labels, no_labels, poses
from generator.demo.views import whole
from generator.demo.world import sample


@pytest.fixture
def transformer():
    torch.manual_seed(0)
    return architecture.transformer()


CENTRES = whole(torch.arange(13)).centres


def run(transformer):
    transformer(torch.randn(1, 13, 16, 16, 24), torch.randn(1, 40, 128), torch.tensor([999]))


def test_what_it_asks_reaches_the_first_blocks_and_not_the_last(transformer):
    guide = Guide(transformer)
    run(transformer)
    scene = sample(0)
    loss = guide(torch.tensor([labels(scene)]), poses(scene)[None], CENTRES)
    loss.backward()
    first, last = transformer.transformer_blocks[0], transformer.transformer_blocks[-1]
    assert first.attn1.to_v.weight.grad.abs().sum() > 0
    assert last.attn1.to_v.weight.grad is None


def test_it_asks_nothing_where_a_caption_does_not_tell(transformer):
    guide = Guide(transformer)
    run(transformer)
    assert guide(torch.tensor([no_labels()]), poses(sample(0))[None], CENTRES) == 0


def test_rendering_leaves_nothing_behind(transformer):
    guide = Guide(transformer)
    with torch.no_grad():
        run(transformer)
    assert guide._states == []
