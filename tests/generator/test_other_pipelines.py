"""The demo's weights in diffusers' other CogVideoX pipelines: from an image, and from a video."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import (
    CogVideoXImageToVideoPipeline,
    CogVideoXPipeline,
    CogVideoXTransformer3DModel,
    CogVideoXVideoToVideoPipeline,
)
from PIL import Image

SIZE = {"width": 96, "height": 64}
STEPS = {"num_inference_steps": 4, "max_sequence_length": 40, "output_type": "np"}


@pytest.fixture(scope="module")
def pipe(folder: Path) -> CogVideoXPipeline:
    pipe = CogVideoXPipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def quiet(pipe):
    pipe.set_progress_bar_config(disable=True)
    return pipe


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def test_from_a_video_the_less_is_redrawn_the_more_stays(pipe):
    again = quiet(CogVideoXVideoToVideoPipeline.from_pipe(pipe))
    video = [Image.new("RGB", (96, 64), (200, 60, 60))] * 9
    given = np.stack([np.asarray(frame) for frame in video]) / 255

    def distance(strength: float) -> float:
        frames = again(
            video, "the sea", strength=strength, generator=seeded(), **SIZE, **STEPS
        ).frames[0]
        assert frames.shape == (9, 64, 96, 3)
        return float(np.abs(frames - given).mean())

    assert distance(0.25) < distance(1.0)


def for_images(transformer: CogVideoXTransformer3DModel) -> CogVideoXTransformer3DModel:
    """The same weights with room for an image's latents beside the noise, as in the official
    image-to-video models; they are read as weakly as an untrained layer would."""
    channels = transformer.config.in_channels
    wide = CogVideoXTransformer3DModel.from_config(
        {**transformer.config, "in_channels": 2 * channels}
    )
    weights = transformer.state_dict()
    narrow = weights["patch_embed.proj.weight"]
    weights["patch_embed.proj.weight"] = torch.cat([narrow, 0.1 * narrow], dim=1)
    wide.load_state_dict(weights)
    return wide.eval()


def test_from_an_image_the_image_matters_and_the_seed_repeats(pipe):
    parts = {**pipe.components, "transformer": for_images(pipe.transformer)}
    from_image = quiet(CogVideoXImageToVideoPipeline(**parts))

    def clip(colour: tuple[int, int, int]) -> np.ndarray:
        image = Image.new("RGB", (96, 64), colour)
        return from_image(
            image, "a red circle", num_frames=9, generator=seeded(), **SIZE, **STEPS
        ).frames[0]

    first = clip((220, 30, 30))
    assert first.shape == (9, 64, 96, 3)
    assert np.array_equal(first, clip((220, 30, 30)))
    assert np.abs(first - clip((30, 30, 220))).mean() > 0.001
