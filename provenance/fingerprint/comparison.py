"""Does a video show what a stored fingerprint was made of?

Where the pictures of the one lie in those of the other is known up to a shift from a watermark, or
guessed from codes: a part of a picture whose code is near a stored one is the middle half of that.
Then the sketches decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
import numpy.typing as npt

from provenance.fingerprint import code, sketch
from provenance.fingerprint.pictures import SIDE, Query, Small, View
from provenance.fingerprint.sketch import GRID, MOST_CELLS, WHOLE, Matrix, Part, Shift
from provenance.fingerprint.stored import Fingerprint

_SAME = 0.55
"""Correlation from which on two sketches show the same; see `tests/benchmarks/fingerprint.py`."""
_SAME_IN_PART = 0.65
"""The same for parts, which agree by chance more easily: there are many, and each shows less."""
_GUESSES, _NEAREST = 6, 400
"""How many places are tried, the likeliest of those that so many nearest codes name."""
_NEAR: tuple[Shift, ...] = tuple(product(range(-2, 3), range(-2, 3)))

Scores = npt.NDArray[np.float32]
"""float32 (M,): the best correlation of each picture, NaN where it cannot be told."""


@dataclass(frozen=True)
class Placement:
    """What is known about where pixels of the video at hand lay in the stored one: `matrix`
    ((a, b, c), (d, e, f)) maps (x, y) to (a x + b y + c, d x + e y + f), where c and f are known
    up to multiples of `period` pixels."""

    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]
    period: int


@dataclass(frozen=True)
class Match:
    """score: share, 0..1, of the pictures looked at that the stored video shows too. correlation:
    the median of theirs, -1..1. pictures: how many are distinct enough to say anything."""

    score: float
    correlation: float
    pictures: int

    @property
    def agrees(self) -> bool:
        """Most pictures are the stored video's."""
        return self.score >= 0.5

    @property
    def differs(self) -> bool:
        """Pictures that say something say that this is another video, or has been covered."""
        return self.pictures > 0 and self.score < 0.25

    @property
    def rank(self) -> tuple[float, float]:
        """The larger, the better the match."""
        return (self.score, self.correlation)


def compare(
    query: Query, stored: Fingerprint, placement: Placement | None = None, part: Part = WHOLE
) -> Match:
    """How much of what a part of each picture of `query` shows is in the stored video; with a
    placement the whole frames must lie there, without one whatever crop, mirroring and turn fits
    best is taken."""
    same = _SAME if part is WHOLE else _SAME_IN_PART
    if placement is not None:
        return _match(_scores_at(query.whole, part, stored, placement), same)
    found = [
        _match(scores, same)
        for view in query.views
        for scores in _scores_by_codes(view.lying, part, stored)
    ]
    return max(found, key=lambda match: match.rank)


def _match(scores: Scores, same: float) -> Match:
    telling = scores[np.isfinite(scores)]
    if not telling.size:
        return Match(0.0, 0.0, 0)
    score = float((telling >= same).mean())
    return Match(score, float(np.median(telling)), int(telling.size))


def _scores_by_codes(luma: Small, part: Part, stored: Fingerprint) -> Iterator[Scores]:
    for matrix in islice(_guesses(luma, stored), _GUESSES):
        sketches, inside = sketch.draw_placed(luma, part, matrix, (GRID, GRID))
        yield sketch.correlate(sketches, inside, stored.sketches, _NEAR)


def _guesses(luma: Small, stored: Fingerprint) -> Iterator[Matrix]:
    """Where the pictures may lie on the grid, the likeliest place first."""
    probes = code.probe(luma)
    distances = np.bitwise_count((probes.codes[:, None] ^ stored.codes) & code.ALIKE)
    closest = distances.argmin(axis=1)
    away = distances[np.arange(len(closest)), closest].astype(int)
    nearest = np.argsort(away, kind="stable")[:_NEAREST]
    turned = code.mirroring(probes.codes[nearest]) ^ code.mirroring(stored.codes[closest[nearest]])
    places = np.concatenate([probes.windows[nearest], turned], axis=1)
    distinct, which = np.unique(places, axis=0, return_inverse=True)
    likely = np.bincount(which, 0.5 ** away[nearest])
    for left, right, top, bottom, across, down in distinct[np.argsort(-likely)]:
        matrix = sketch.place((left, right, top, bottom), code.MIDDLE)
        for axis, mirrored in enumerate((across, down)):
            if mirrored:
                matrix[axis] = np.array([0, 0, GRID - 1]) - matrix[axis]
        yield matrix


def _scores_at(view: View, part: Part, stored: Fingerprint, placement: Placement) -> Scores:
    size, grid = np.array([stored.width, stored.height]), np.array([GRID, GRID])
    to_cells = _scaling(size, grid) @ np.vstack([placement.matrix, [0.0, 0.0, 1.0]])
    matrix = (to_cells @ _scaling(np.array([SIDE, SIDE]), np.array([view.width, view.height])))[:2]
    period = placement.period * GRID / size
    if stored.height > stored.width:  # it was stored lying on its side
        matrix, period = matrix[::-1], period[::-1]
    ends = (-0.5, SIDE - 0.5)
    corners = matrix @ np.array([[x, y, 1.0] for x, y in product(ends, ends)]).T
    low = np.floor(corners.min(axis=1))  # so that its cells are those of the grid
    width, height = np.ceil(corners.max(axis=1) - low).astype(int) + 1
    if max(width, height) > MOST_CELLS:
        return np.full(len(view.luma), np.nan, np.float32)
    canvas = np.column_stack([matrix[:, :2], matrix[:, 2] - low])
    sketches, inside = sketch.draw_placed(view.luma, part, canvas, (int(width), int(height)))
    across = _shifts(float(low[0]), int(width), float(period[0]))
    down = _shifts(float(low[1]), int(height), float(period[1]))
    shifts: Iterator[Shift] = product(across, down)
    return sketch.correlate(sketches, inside, stored.sketches, shifts)


def _scaling(before: npt.NDArray[np.int_], after: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
    """From pixels of a picture to those of the same picture at another size, homogeneous."""
    across, down = after / before
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])


def _shifts(low: float, length: int, period: float) -> list[int]:
    """Shifts, in cells, that bring a canvas to `low` plus any number of periods, give or take one
    cell, so that it touches the grid."""
    first, last = 1 - length, GRID - 1
    steps = range(int((first - low) // period), int((last - low) // period) + 2)
    near = {round(low + step * period) + off for step in steps for off in (-1, 0, 1)}
    return sorted(near.intersection(range(first, last + 1)))
