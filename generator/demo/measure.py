"""Says what a clip of the demo world shows, from its frames alone."""

from dataclasses import dataclass

from generator.base import Frames
from generator.demo import matte
from generator.demo.motions_seen import motion
from generator.demo.shapes_seen import shape, track

NOTHING = "nothing"
"""Colour, shape and motion where no thing is seen."""
_FEWEST_FRAMES = 8


@dataclass(frozen=True, slots=True)
class Observation:
    """What is seen, in the words of `generator.demo.world`."""

    background: str
    colour: str
    shape: str
    motion: str


def observe(frames: Frames, colour: str | None = None) -> Observation:
    """What uint8 RGB (N, 128, 192, 3) shows; it may be blurred, noisy and off in its colours.

    colour: the name of the colour to look for where there are two things: the thing nearest to it
        is described, whatever colour that is. Without it, the larger one is.
    """
    background, behind = matte.background(frames)
    thing = matte.thing(frames, behind, colour)
    if thing is None or len(thing.times) < _FEWEST_FRAMES:
        return Observation(background, NOTHING, NOTHING, NOTHING)
    path = track(thing.opacity)
    name, turns = shape(thing, path)
    return Observation(
        background, matte.nearest(thing.colour), name, motion(path, thing.times, turns)
    )
