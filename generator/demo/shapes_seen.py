"""Names the shape of soft masks and tells whether it turns.

Every mask is resampled around its own centre, at a scale given by its own area, to polar
coordinates, where a turn is a shift along the angle. The same is done to drawn shapes at several
degrees of blur. Blur moves neither centre nor area of a soft mask, so that the two match.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from generator.demo.draw import draw
from generator.demo.matte import Floats, Matte
from generator.demo.world import COLOURS, HEIGHT, PLAIN, SHAPES, SIZES, WIDTH, Scene, Thing

Track = NDArray[np.float64]
"""(N, 3): x, y and radius, in pixels, of the circle of the same centre and area."""

_ANGLES, _RADII = 72, 20
_REACH = 2.2
"""Largest radius looked at, for a circle of radius 1 of the same area."""
_BLURS = (0.03, 0.1, 0.17, 0.25, 0.33)
"""Standard deviations, as shares of the shape's radius."""
_FASTEST, _SLOWEST = 4, _ANGLES // 4
"""Steps of the angle that a turning shape makes: most from frame to frame, fewest in all."""
_ROUND = ("circle", "ring")
"""Shapes that nobody sees turning."""
_BETTER = 0.75
"""Turning has to explain a clip this much better than standing upright."""


def track(opacity: Floats) -> Track:
    """Where a thing is and how large, per frame of its soft masks (N, H, W)."""
    y, x = np.mgrid[: opacity.shape[1], : opacity.shape[2]]
    area = np.maximum(opacity.sum(axis=(1, 2), dtype=np.float64), 1.0)
    return np.column_stack(
        [
            (opacity * x).sum(axis=(1, 2)) / area,
            (opacity * y).sum(axis=(1, 2)) / area,
            np.sqrt(area / np.pi),
        ]
    )


def shape(matte: Matte, path: Track) -> tuple[str, bool]:
    """The name of the shape, and whether it turns."""
    misfit = _misfits(matte.opacity, path) * path[:, 2] ** 2
    upright = misfit[:, 0].sum(axis=1)
    turning = np.minimum(_turning(misfit, 1), _turning(misfit, -1))
    turning[[SHAPES.index(name) for name in _ROUND]] = np.inf
    turns = bool(turning.min() < _BETTER * upright.min())
    return SHAPES[int((turning if turns else upright).argmin())], turns


def _turning(misfit: NDArray[np.float64], sense: int) -> NDArray[np.float64]:
    """(shapes,): least misfit over the clip for a turn in one sense, at any pace, by dynamic
    programming over the angles (shapes, angles, N); infinite if that hardly turns."""
    least, turned = misfit[..., 0], np.zeros(misfit.shape[:2], int)
    for now in np.moveaxis(misfit[..., 1:], -1, 0):
        sources = np.stack([np.roll(least, sense * step, axis=1) for step in range(_FASTEST + 1)])
        steps = sources.argmin(axis=0)[None]
        so_far = np.stack([np.roll(turned, sense * step, axis=1) for step in range(_FASTEST + 1)])
        turned = np.take_along_axis(so_far, steps, axis=0)[0] + steps[0]
        least = np.take_along_axis(sources, steps, axis=0)[0] + now
    least = np.where(turned < _SLOWEST, np.inf, least)
    return np.asarray(least.min(axis=1))


def _misfits(opacity: Floats, path: Track) -> NDArray[np.float64]:
    """(shapes, angles, N): squared difference of every mask from every shape at every angle."""
    seen = np.stack([_polar(mask, row) for mask, row in zip(opacity, path, strict=True)])
    templates = _templates()
    cross = np.einsum("nk,sabk->sabn", seen, templates, optimize=True)
    squares = (seen**2).sum(axis=1) + (templates**2).sum(axis=3)[..., None] - 2 * cross
    return np.asarray(squares.min(axis=2))


def _polar(mask: Floats, row: NDArray[np.float64]) -> NDArray[np.float64]:
    """(angles * radii,), weighted so that a squared sum is an integral over the plane."""
    x, y, radius = row
    polar = cv2.warpPolar(
        mask, (_RADII, _ANGLES), (x, y), _REACH * radius, cv2.INTER_LINEAR + cv2.WARP_FILL_OUTLIERS
    )
    return np.asarray((polar * np.sqrt((np.arange(_RADII) + 0.5) / _RADII)).ravel(), np.float64)


@cache
def _templates() -> NDArray[np.float64]:
    """(shapes, angles, blurs, angles * radii)."""
    every = []
    for name in SHAPES:
        thing = Thing(name, "white", "large", "still", "slow", WIDTH / 2, HEIGHT / 2, 0, 0)
        picture = draw(Scene("black", (thing,), seed=0), [0])[0, :, :, 0].astype(np.float32)
        solid = (picture - PLAIN["black"][0]) / (COLOURS["white"][0] - PLAIN["black"][0])
        views = []
        for blur in _BLURS:
            mask = np.asarray(cv2.GaussianBlur(solid, (0, 0), blur * SIZES["large"]), np.float32)
            view = _polar(mask, track(mask[None])[0]).reshape(_ANGLES, _RADII)
            views.append([np.roll(view, turn, axis=0).ravel() for turn in range(_ANGLES)])
        every.append(np.swapaxes(np.array(views), 0, 1))
    return np.array(every)
