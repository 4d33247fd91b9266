"""Names the motion of a thing from its track, by least squares over every motion of the world."""

import math

import numpy as np
from numpy.typing import NDArray

from generator.demo.shapes_seen import Track
from generator.demo.world import DIRECTIONS

Columns = NDArray[np.float64]

_SIZE_IN_PIXELS = 60.0
"""What doubling a size weighs, beside ways in pixels."""
_SMALLEST = 5.0
"""Pixels, root mean square, that a motion has to explain."""
_CIRCLES = np.linspace(0.5, 2.5, 21)
_BOUNCES = np.linspace(1.0, 5.0, 21)


def motion(path: Track, times: NDArray[np.float64], turns: bool) -> str:
    """The motion's name. path: (N, 3). times: (N,), 0..1. turns: whether the shape does."""
    x, y, radius = _without_outliers(path).T
    size = _SIZE_IN_PIXELS * radius / radius.mean()
    still = _spread(x) + _spread(y) + _spread(size)
    slopes = [float(np.polyfit(times, column, 1)[0]) for column in (x, y, size)]
    one = np.ones_like(times)
    line = np.column_stack([one, times])
    left_over = {
        "line": _left(line, x) + _left(line, y) + _spread(size),
        "zoom": _spread(x) + _spread(y) + _left(line, size),
        "circle": min(_circle(x, y, times, turn) for turn in (*_CIRCLES, *-_CIRCLES))
        + _spread(size),
        "bounce": min(
            _left(np.column_stack([one, np.abs(np.sin(math.pi * count * times))]), y)
            for count in _BOUNCES
        )
        + _spread(x)
        + _spread(size),
    }
    best = min(left_over, key=lambda name: left_over[name])
    if still - left_over[best] < len(times) * _SMALLEST**2:
        return "rotate" if turns else "still"
    match best:
        case "line":
            return _direction(slopes[0], slopes[1])
        case "zoom":
            return "grow" if slopes[2] > 0 else "shrink"
    return best


def _without_outliers(path: Track) -> Track:
    """Median of each frame and its neighbours: one bad frame changes nothing."""
    padded = np.pad(path, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0))


def _spread(column: Columns) -> float:
    return float(np.sum((column - column.mean()) ** 2))


def _left(basis: Columns, column: Columns) -> float:
    """Sum of squares that the basis (N, K) does not explain."""
    weights = np.linalg.lstsq(basis, column)[0]
    return float(np.sum((column - basis @ weights) ** 2))


def _circle(x: Columns, y: Columns, times: Columns, turns: float) -> float:
    phase = 2 * math.pi * turns * times
    zero, one = np.zeros_like(times), np.ones_like(times)
    across = np.column_stack([one, zero, np.cos(phase), -np.sin(phase)])
    down = np.column_stack([zero, one, np.sin(phase), np.cos(phase)])
    return _left(np.concatenate([across, down]), np.concatenate([x, y]))


def _direction(across: float, down: float) -> str:
    def agreement(name: str) -> float:
        x, y = DIRECTIONS[name]
        return (x * across + y * down) / math.hypot(x, y)

    return max(DIRECTIONS, key=agreement)
