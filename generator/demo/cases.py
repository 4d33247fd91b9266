"""Captions of scenes whose combinations training never saw, rendered, looked at and counted."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from generator.base import Frames
from generator.demo.captions import caption
from generator.demo.measure import Observation, observe
from generator.demo.scores import Score, score
from generator.demo.world import FRAMES, HEIGHT, WIDTH, sample

_ATTRIBUTES = ("motion", "shape", "colour", "background")


@dataclass(frozen=True, slots=True)
class Case:
    """One rendered caption."""

    seed: int
    caption: str
    asked: Observation
    seen: Observation

    def lines(self) -> tuple[str, ...]:
        """What was asked for and what is seen, to print beneath its pictures."""
        return self.caption, "seen: " + ", ".join(asdict(self.seen).values())


def render(pipe: Any, seed: int, steps: int, guidance: float) -> tuple[Case, Frames]:
    """The held-out scene of a seed by a `CogVideoXPipeline`: uint8 (49, 128, 192, 3)."""
    scene = sample(seed, held_out=True)
    text = caption(scene, np.random.default_rng(seed))
    video = pipe(
        text,
        width=WIDTH,
        height=HEIGHT,
        num_frames=FRAMES,
        num_inference_steps=steps,
        guidance_scale=guidance,
        use_dynamic_cfg=False,
        max_sequence_length=pipe.transformer.config.max_text_seq_length,
        generator=torch.Generator().manual_seed(seed),
        output_type="np",
    ).frames[0]
    frames = np.rint(video * 255).astype(np.uint8)
    first = scene.things[0]
    asked = Observation(scene.background, first.colour, first.shape, first.motion)
    seen = observe(frames, first.colour if len(scene.things) > 1 else None)
    return Case(seed, text, asked, seen), frames


def scores(cases: list[Case]) -> dict[str, Score]:
    """How often each attribute is what was asked for, and all four at once."""
    values = {
        name: score(
            [getattr(case.asked, name) for case in cases],
            [getattr(case.seen, name) for case in cases],
        )
        for name in _ATTRIBUTES
    }
    values["all four"] = score([case.asked for case in cases], [case.seen for case in cases])
    return values
