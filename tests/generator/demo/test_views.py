"""Parts of clips keep their places, in the latents, in the transformer and around things."""

import numpy as np
import pytest
import torch

from generator.demo import architecture, views
from generator.demo.questions import poses
from generator.demo.world import sample

FRAMES = torch.arange(13)
SCENES = [sample(seed) for seed in range(8)]
POSES = torch.stack([poses(scene) for scene in SCENES])


def test_the_whole_view_changes_nothing():
    latents = torch.randn(1, 13, 16, 16, 24)
    view = views.whole(FRAMES)
    assert torch.equal(view.of(latents), latents)
    transformer = architecture.transformer()
    with torch.no_grad(), views.only(transformer.patch_embed, view):
        seen = transformer.patch_embed(torch.zeros(1, 40, 128), latents)
    assert torch.equal(seen, transformer.patch_embed(torch.zeros(1, 40, 128), latents))


def test_a_window_shows_a_thing_and_its_tokens_are_those_of_the_whole_clip():
    frames = FRAMES[[0, 4, 12]]
    view = views.around_things(frames, POSES[:, frames], np.random.default_rng(0))
    middle = view.centres.mean(dim=2)
    nearest = (POSES[:, frames, :, :2] - middle[:, :, None]).abs().amax(dim=-1).nan_to_num(9)
    assert nearest.amin(dim=2).max() <= 1.5
    latents = torch.randn(8, 13, 16, 16, 24)
    patch_embed = architecture.transformer().patch_embed
    words = torch.zeros(8, 40, 128)
    with torch.no_grad():
        everything = patch_embed(words, latents)[:, 40:]
        with views.only(patch_embed, view):
            seen = patch_embed(words, view.of(latents))[:, 40:]
    expected = everything.gather(1, view.tokens[..., None].expand(-1, -1, everything.shape[-1]))
    torch.testing.assert_close(seen, expected)


def test_the_whole_clip_is_back_after_a_view():
    patch_embed = architecture.transformer().patch_embed
    before = patch_embed.pos_embedding
    view = views.around_things(FRAMES, POSES, np.random.default_rng(0))
    with pytest.raises(ZeroDivisionError), views.only(patch_embed, view):
        raise ZeroDivisionError
    assert patch_embed.pos_embedding is before
    assert (patch_embed.sample_frames, patch_embed.sample_height) == (49, 16)
