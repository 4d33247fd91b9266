"""Draws the demo world's scenes, anti-aliased and as soft as through a lens."""

import math
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from generator.base import Frames
from generator.demo.world import (
    COLOURS,
    DIRECTIONS,
    FRAMES,
    HEIGHT,
    HORIZON,
    PLAIN,
    WIDTH,
    Scene,
    Thing,
    background_colours,
)

Polygon = npt.NDArray[np.float64]
"""(N, 2): x and y of the corners."""

_SUBPIXEL_BITS = 4
_SOFTNESS = 1.0
"""Standard deviation in pixels. Sharper edges would take most of what a small VAE can learn."""
_SMALLEST, _LARGEST = 0.6, 1.35
_DROPS = 14
_DROP_SPEED = 4.0


def draw(scene: Scene, frames: Iterable[int] = range(FRAMES)) -> Frames:
    """These frames of the scene, all by default: uint8 (N, 128, 192, 3) RGB."""
    still = _still_background(scene)
    return np.stack([_frame(scene, still, index / (FRAMES - 1)) for index in frames])


def _frame(scene: Scene, still: Frames, t: float) -> Frames:
    picture = still.copy()
    if scene.background == "rain":
        _rain(picture, scene.seed, t)
    for thing in scene.things:
        x, y, scale, angle = pose(thing, t)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        outlines = [
            np.rint((outline @ turn * thing.radius * scale + (x, y)) * 2**_SUBPIXEL_BITS)
            for outline in _outlines(thing.shape)
        ]
        cv2.fillPoly(
            picture,
            [outline.astype(np.int32) for outline in outlines],
            COLOURS[thing.colour],
            cv2.LINE_AA,
            _SUBPIXEL_BITS,
        )
    return cv2.GaussianBlur(picture, (0, 0), _SOFTNESS).astype(np.uint8)


def pose(thing: Thing, t: float) -> tuple[float, float, float, float]:
    """(x, y, scale, angle in radians) at time `t`, 0..1."""
    x, y, scale, angle = thing.x, thing.y, 1.0, 0.0
    if thing.motion in DIRECTIONS:
        across, down = DIRECTIONS[thing.motion]
        x += across * thing.reach * (2 * t - 1)
        y += down * thing.reach * (2 * t - 1)
    elif thing.motion == "circle":
        phase = 2 * math.pi * (thing.turns * t - 0.25)
        x += thing.reach * math.cos(phase)
        y += thing.reach * math.sin(phase)
    elif thing.motion == "bounce":
        y += thing.reach * (1 - 2 * abs(math.sin(math.pi * thing.turns * t)))
    elif thing.motion == "grow":
        scale = _SMALLEST + (_LARGEST - _SMALLEST) * t
    elif thing.motion == "shrink":
        scale = _LARGEST + (_SMALLEST - _LARGEST) * t
    elif thing.motion == "rotate":
        angle = 2 * math.pi * thing.turns * t
    return x, y, scale, angle


def _outlines(shape: str) -> list[Polygon]:
    """Outlines within the unit circle, y downwards; a second one is a hole."""
    match shape:
        case "circle":
            return [_regular(48)]
        case "ring":
            return [_regular(48), 0.5 * _regular(48)]
        case "square":
            return [_regular(4, 0.125)]
        case "triangle":
            return [_regular(3)]
        case "star":
            corners = _regular(10)
            corners[1::2] *= 0.42
            return [corners]
        case "heart":
            t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
            x = 16 * np.sin(t) ** 3
            y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
            return [np.column_stack([x, -y]) / 17]
    raise ValueError(f"no such shape: {shape}")


def _regular(corners: int, turned: float = 0.0) -> Polygon:
    """A regular polygon with a corner on top, turned by a share of a whole turn."""
    angle = 2 * np.pi * (np.arange(corners) / corners + turned)
    return np.column_stack([np.sin(angle), -np.cos(angle)])


def _still_background(scene: Scene) -> Frames:
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    if scene.background in PLAIN:
        picture[:] = PLAIN[scene.background]
        return picture
    horizon = round(HORIZON * HEIGHT)
    *sky, ground = background_colours(scene.background)
    steps = np.linspace(0, len(sky) - 1, horizon)
    for channel in range(3):
        values = [colour[channel] for colour in sky]
        picture[:horizon, :, channel] = np.interp(steps, range(len(sky)), values)[:, None]
    picture[horizon:] = ground
    if scene.background == "sunset":
        _disc(picture[:horizon], (round(0.7 * WIDTH), horizon), 22, (255, 205, 110))
    if scene.background == "night":
        _disc(picture, (round(0.84 * WIDTH), 22), 12, (225, 225, 200))
    if scene.background == "sea":
        picture[horizon + 14 : horizon + 18] = (70, 150, 195)
        picture[horizon + 32 : horizon + 37] = (70, 150, 195)
    return picture


def _disc(
    picture: Frames, centre: tuple[int, int], radius: int, colour: tuple[int, int, int]
) -> None:
    cv2.circle(picture, centre, radius, colour, -1, cv2.LINE_AA)


def _rain(picture: Frames, seed: int, t: float) -> None:
    random = np.random.default_rng(seed)
    fall = _DROP_SPEED * (FRAMES - 1) * t
    for x, y in random.uniform((0, 0), (WIDTH, HEIGHT), (_DROPS, 2)):
        top = (int(x), int((y + fall) % HEIGHT))
        cv2.line(picture, top, (top[0], top[1] + 7), (175, 180, 185), 2, cv2.LINE_AA)
