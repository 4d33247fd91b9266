"""Does a video show what a stored fingerprint was made of?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from provenance.fingerprint import code, sketch
from provenance.fingerprint.code import Probes
from provenance.fingerprint.pictures import SIDE, Query, Small
from provenance.fingerprint.sketch import GRID, MOST_CELLS, Matrix, Shift
from provenance.fingerprint.stored import Fingerprint

_SAME = 0.5
_GUESSES = 6
_NEAR = tuple(product(range(-2, 3), repeat=2))
_PERIOD = 128
Linear = tuple[tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True)
class Match:
    """score: share, 0..1, of the pictures looked at that the stored video shows too; correlation:
    the median of theirs, -1..1; pictures: how many say anything at all."""

    score: float
    correlation: float
    pictures: int

    @property
    def agrees(self) -> bool:
        """Whether the video at hand shows the stored one."""
        return self.score >= 0.5

    @property
    def rank(self) -> tuple[float, float]:
        """The larger, the better the match."""
        return (self.score, self.correlation)


def compare(query: Query, stored: Fingerprint, geometry: Linear | None = None) -> Match:
    if geometry is not None:
        placed = _by_geometry(query, stored, geometry)
        return _match(placed)
    best = _match(np.full(len(query.whole.luma), np.nan, np.float32))
    for view in query.views:
        for scores in _by_codes(view.lying, stored):
            m = _match(scores)
            if (m.score, m.correlation) > (best.score, best.correlation):
                best = m
    return best


def _match(scores):
    telling = scores[np.isfinite(scores)]
    if not telling.size:
        return Match(0.0, 0.0, 0)
    return Match(float((telling >= _SAME).mean()), float(np.median(telling)), telling.size)


def _by_codes(luma: Small, stored: Fingerprint):
    probes = code.probe(luma)
    distance = np.bitwise_count((probes.codes[:, None] ^ stored.codes[None]) & code.ALIKE)
    nearest = distance.argmin(axis=1)
    away = distance[np.arange(len(nearest)), nearest]
    order = np.lexsort((away,))
    turned = code.mirroring(probes.codes) ^ code.mirroring(stored.codes[nearest])
    guesses = {}
    for i in order[:400]:
        key = (tuple(np.round(probes.windows[i], 3)), tuple(turned[i]))
        guesses[key] = guesses.get(key, 0) + 0.5 ** int(away[i])
    for (window, (across, down)), _ in sorted(guesses.items(), key=lambda x: -x[1])[:_GUESSES]:
        matrix = sketch.place(window, (0.25, 0.75))
        for axis, mirrored in enumerate((across, down)):
            if mirrored:
                matrix[axis] = -matrix[axis] + [0, 0, GRID - 1]
        sketches, inside = sketch.draw_placed(luma, matrix, (GRID, GRID))
        yield sketch.correlate(sketches, inside, stored.sketches, _NEAR)


def _by_geometry(query, stored, geometry):
    view = query.whole
    to_pixels = np.array(
        [
            [view.width / SIDE, 0, view.width / SIDE / 2 - 0.5],
            [0, view.height / SIDE, view.height / SIDE / 2 - 0.5],
            [0, 0, 1],
        ]
    )
    to_cells = np.array(
        [
            [GRID / stored.width, 0, GRID / stored.width / 2 - 0.5],
            [0, GRID / stored.height, GRID / stored.height / 2 - 0.5],
            [0, 0, 1],
        ]
    )
    matrix = (to_cells @ np.vstack([np.array(geometry), [0, 0, 1]]) @ to_pixels)[:2]
    period = np.array([_PERIOD * GRID / stored.width, _PERIOD * GRID / stored.height])
    if stored.height > stored.width:
        matrix, period = matrix[::-1], period[::-1]
    corners = matrix @ np.array(
        [[-0.5, SIDE - 0.5, -0.5, SIDE - 0.5], [-0.5, -0.5, SIDE - 0.5, SIDE - 0.5], [1] * 4]
    )
    low, high = corners.min(axis=1), corners.max(axis=1)
    size = np.ceil(high - low).astype(int) + 1
    if max(size) > MOST_CELLS:
        return np.full(len(view.luma), np.nan, np.float32)
    matrix = np.column_stack([matrix[:, :2], matrix[:, 2] - low])
    sketches, inside = sketch.draw_placed(view.luma, matrix, (int(size[0]), int(size[1])))
    return sketch.correlate(
        sketches,
        inside,
        stored.sketches,
        list(product(*(_steps(*a) for a in zip(low, size, period)))),
    )


def _steps(low, size, period):
    first = -size + 1
    return sorted(
        {
            int(round(low + n * period)) + d
            for n in range(int((first - low) // period), int((GRID - low) // period) + 1)
            for d in (-1, 0, 1)
        }
        & set(range(first, GRID))
    )
