"""Separates a clip of the demo world into its background and one thing, as soft masks.

The background is looked for among the drawn ones, because a thing that stays where it is leaves
no frame without it. The thing is whatever differs from that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from generator.base import Frames
from generator.demo.draw import draw
from generator.demo.world import BACKGROUNDS, COLOURS, FRAMES, HEIGHT, SIMILAR, WIDTH, Scene

Floats = NDArray[np.float32]

_NOISE, _OUTLIER = 4.0, 60.0
"""RGB distances: of a background from itself, and where something else begins."""
_WRONG_COLOUR = 30.0
"""How far off a channel of the whole picture may be."""
_BLURS = (2.0, 4.0)
"""Standard deviations in pixels."""
_DIFFERENT = 0.45 * SIMILAR
"""From the background: RGB distance at which a pixel counts as the thing's."""
_SAME = 40.0
"""RGB distance up to which pieces belong to the same thing: half of that between neighbours among
the colours."""
_SMALLEST_AREA, _LARGEST_AREA = 60, WIDTH * HEIGHT // 3
"""In pixels, of a thing; a whole picture that differs is a flash."""
_PURE = 0.85
"""Share of the strongest difference from which on a pixel has the thing's colour alone."""
_RARE = 0.15
"""Share of the largest thing's area below which a colour is no thing but an error."""
_SPECKS = np.ones((3, 3), np.uint8)
_EDGE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))


@dataclass(frozen=True, slots=True)
class Matte:
    """One thing. colour: its RGB, 0..255. opacity: float32 (N, H, W), 0..1 give or take noise,
    for the N frames that show it. times: (N,), 0..1 within the clip."""

    colour: Floats
    opacity: Floats
    times: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A connected region that differs from the background."""

    frame: int
    area: int
    colour: Floats
    mask: Frames


def background(frames: Frames) -> tuple[str, Floats]:
    """The name of the background that explains uint8 RGB (N, 128, 192, 3) best, give or take blur
    and a common error of colour, and the picture (128, 192, 3) of it without things."""
    usual = np.median(frames[::4], axis=0).astype(np.float32)
    fits = [(_fit(usual[::2, ::2], drawn[::2, ::2]), drawn) for drawn in _backgrounds()]
    best = min(range(len(fits)), key=lambda index: fits[index][0][0])
    (_, shift), drawn = fits[best]
    # Where nothing stood in front most of the time the clip itself knows its colours best.
    close = np.linalg.norm(usual - drawn - shift, axis=2, keepdims=True) < _SAME
    return BACKGROUNDS[best % len(BACKGROUNDS)], np.where(close, usual, drawn + shift)


def _fit(usual: Floats, drawn: Floats) -> tuple[float, Floats]:
    """How badly a background fits, and the common difference (3,) that makes it fit best."""
    difference = usual - drawn
    shift = np.median(difference.reshape(-1, 3), axis=0)
    shift = np.clip(shift, -_WRONG_COLOUR, _WRONG_COLOUR).astype(np.float32)
    misfit = np.minimum(np.linalg.norm(difference - shift, axis=2), _OUTLIER)
    cost = np.mean((misfit / _NOISE) ** 2) + np.sum((shift / _WRONG_COLOUR) ** 2)
    return float(cost), shift


def thing(frames: Frames, behind: Floats, colour: str | None) -> Matte | None:
    """The thing before the background `behind`: of several the one nearest to the named colour,
    or the largest one. None if there is nothing."""
    pieces = [piece for index in range(len(frames)) for piece in _pieces(frames, behind, index)]
    if not pieces:
        return None
    chosen = _choose(pieces, colour)
    shown = _largest(piece for piece in pieces if _distance(piece.colour, chosen) < _SAME)
    if not shown:
        return None
    true_colour = _usual_colour(shown)
    contrast = true_colour - behind
    contrast /= np.maximum(np.sum(contrast**2, axis=2, keepdims=True), 1)
    opacity = [
        np.clip(np.sum((frames[index] - behind) * contrast, axis=2), -0.2, 1.2)
        * cv2.dilate(piece.mask, _EDGE)
        for index, piece in shown.items()
    ]
    return Matte(true_colour, np.stack(opacity), np.array(list(shown)) / (len(frames) - 1))


@cache
def _backgrounds() -> list[Floats]:
    """All of them as drawn, then all of them blurred, and so on."""
    clips = [draw(Scene(name, (), seed=0), range(0, FRAMES, 6)) for name in BACKGROUNDS]
    drawn = [np.median(clip, axis=0).astype(np.float32) for clip in clips]
    return drawn + [
        np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32)
        for blur in _BLURS
        for picture in drawn
    ]


def _pieces(frames: Frames, behind: Floats, index: int) -> list[_Piece]:
    frame = cv2.GaussianBlur(frames[index], (3, 3), 0)
    difference = np.linalg.norm(frame - behind, axis=2)
    mask = cv2.morphologyEx((difference > _DIFFERENT).astype(np.uint8), cv2.MORPH_OPEN, _SPECKS)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    pieces = []
    for label in range(1, count):
        area = int(stats[label, cv2.CC_STAT_AREA])
        if _SMALLEST_AREA <= area <= _LARGEST_AREA:
            region = labels == label
            # At its edges, and where it moves fast, a thing is mixed with the background.
            pure = region & (difference >= _PURE * np.quantile(difference[region], 0.9))
            colour = np.median(frame[pure], axis=0).astype(np.float32)
            pieces.append(_Piece(index, area, colour, region.astype(np.uint8)))
    return pieces


def _choose(pieces: list[_Piece], wanted: str | None) -> Floats:
    """The colour of the thing that the clip is about."""
    groups: dict[str, list[_Piece]] = {}
    for piece in pieces:
        groups.setdefault(nearest(piece.colour), []).append(piece)
    things = {name: _largest(group) for name, group in groups.items()}
    areas = {name: sum(piece.area for piece in thing.values()) for name, thing in things.items()}
    if wanted is None:
        return _usual_colour(things[max(areas, key=lambda name: areas[name])])
    often = [name for name in areas if areas[name] >= _RARE * max(areas.values())]
    colours = [_usual_colour(things[name]) for name in often]
    return min(colours, key=lambda colour: _distance(colour, _named(wanted)))


def _largest(pieces: Iterable[_Piece]) -> dict[int, _Piece]:
    """By frame, in order."""
    return {piece.frame: piece for piece in sorted(pieces, key=lambda p: (p.frame, p.area))}


def _usual_colour(thing: dict[int, _Piece]) -> Floats:
    return np.median([piece.colour for piece in thing.values()], axis=0).astype(np.float32)


def nearest(colour: Floats) -> str:
    """Name of the colour nearest to RGB (3,), 0..255."""
    return min(COLOURS, key=lambda name: _distance(colour, _named(name)))


def _named(colour: str) -> Floats:
    return np.array(COLOURS[colour], np.float32)


def _distance(a: Floats, b: Floats) -> float:
    return float(np.linalg.norm(a - b))
