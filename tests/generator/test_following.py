"""The demo's clips follow their prompts: in backgrounds, colours, motions and shapes.

Enough to notice conditioning, guidance, a scheduler or a VAE that broke.
"""

import numpy as np
import pytest

from generator.base import Frames
from generator.catalogue import plan
from generator.cogvideox import CogVideoXRenderer, load
from generator.demo import SHIPPED
from generator.demo.measure import Observation, observe

ASKED = {
    "a red circle moves to the right over a white background": ("white", "red", "right", "circle"),
    "a blue square moves down on a yellow background": ("yellow", "blue", "down", "square"),
    "a white star grows at night": ("night", "white", "grow", "star"),
    "a yellow heart bounces in front of a black background": ("black", "yellow", "bounce", "heart"),
    "a red ring shrinks over the sea": ("sea", "red", "shrink", "ring"),
    "an orange square moves left over a green background": ("green", "orange", "left", "square"),
    "a black triangle moves up on a pink background": ("pink", "black", "up", "triangle"),
    "a red ball rolls to the right across a meadow": ("meadow", "red", "right", "circle"),
}
"""Prompts, and the backgrounds, colours, motions and shapes that they name."""


@pytest.fixture(scope="module")
def model() -> CogVideoXRenderer:
    """The shipped checkpoint as a local folder, which is delivered as it is rendered."""
    return load(str(SHIPPED), device="cpu")


def render(
    model: CogVideoXRenderer,
    prompt: str,
    *,
    negative_prompt: str | None = None,
    guidance_scale: float = 3.0,
    num_frames: int = 49,
) -> Frames:
    request = plan(
        str(SHIPPED),
        prompt=prompt,
        negative_prompt=negative_prompt,
        guidance_scale=guidance_scale,
        steps=10,
        num_frames=num_frames,
        seed=1,
    )
    return model.render(request, lambda _done, _total: None).frames


@pytest.fixture(scope="module")
def seen(model: CogVideoXRenderer) -> list[Observation]:
    """What each of the prompts' clips shows."""
    return [observe(render(model, prompt)) for prompt in ASKED]


def test_the_background_is_the_one_that_the_prompt_names(seen):
    right = [each.background == asked[0] for each, asked in zip(seen, ASKED.values(), strict=True)]
    assert sum(right) >= 7, seen


def test_the_thing_has_the_colour_that_the_prompt_names(seen):
    right = [each.colour == asked[1] for each, asked in zip(seen, ASKED.values(), strict=True)]
    assert sum(right) >= 7, seen  # by chance, one in nine would be


def test_the_thing_moves_as_the_prompt_says(seen):
    right = [each.motion == asked[2] for each, asked in zip(seen, ASKED.values(), strict=True)]
    assert sum(right) >= 7, seen  # by chance, one in fourteen would be


def test_the_thing_has_the_shape_that_the_prompt_names(seen):
    right = [each.shape == asked[3] for each, asked in zip(seen, ASKED.values(), strict=True)]
    assert sum(right) >= 7, seen  # by chance, one in six would be


def test_guidance_pulls_the_clips_of_opposite_prompts_apart(model):
    def contrast(guidance: float) -> float:
        """Of clips so short that the words alone do not bring them all the way."""
        white, black = (
            render(
                model,
                f"a ring on a {colour} background",
                guidance_scale=guidance,
                num_frames=9,
            )
            for colour in ("white", "black")
        )
        return float(np.mean(white) - np.mean(black))

    assert contrast(6.0) > contrast(1.0) > 0


def test_a_negative_prompt_drives_its_subject_away(model):
    prompt = "a circle moves to the right over a white background"
    colour = observe(render(model, prompt)).colour
    assert observe(render(model, prompt, negative_prompt=f"a {colour} circle")).colour != colour
