"""Sketches of pictures: on a coarse grid, where it is lighter or darker than all around.

Correlating two sketches tells whether they show the same, whatever became of brightness and
contrast; a sketch may lie anywhere on the grid and cover a part of it only.
"""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from provenance.fingerprint.pictures import SIDE, Small

GRID = 32
"""Cells a side of a whole picture."""
MOST_CELLS = 3 * GRID
"""A side of the largest picture that a stored one may be a part of."""
_AROUND = 3.0
"""Sigma, in cells, of what "all around" means."""
_FLAT, _FAINT = 0.8, 0.25
"""Differences that say nothing: in grey levels, and in standard deviations of the picture."""
_LEAST_CELLS = 24
"""Cells that say something in each of two sketches, where they overlap."""
_LEAST_PART = 0.75
"""Share of the smaller one that must lie on the other: small overlaps agree by chance."""

Sketches = npt.NDArray[np.int8]
"""int8 (M, H, W): 1 lighter, -1 darker, 0 neither or unknown."""
Matrix = npt.NDArray[np.float64]
"""float64 (2, 3): from the pixels (x, y) of a small picture to cells."""
Shift = tuple[int, int]
"""Cells to the right and down."""
Part = npt.NDArray[np.bool_]
"""bool (SIDE, SIDE): pixels of a small picture that are looked at."""
WHOLE: Part = np.ones((SIDE, SIDE), np.bool_)


def draw(luma: Small) -> Sketches:
    """The sketches of whole pictures, (M, GRID, GRID)."""
    matrix = place((0.0, 1.0, 0.0, 1.0), (0.0, 1.0))
    sketches, _ = draw_placed(luma, WHOLE, matrix, (GRID, GRID))
    return sketches


def place(window: tuple[float, float, float, float], middle: tuple[float, float]) -> Matrix:
    """The map that brings a window (left, right, top, bottom) of a small picture, in 0..1, to where
    `middle` (from, to) is on both axes of the grid."""
    low, high = middle
    rows = []
    for axis, (start, end) in enumerate((window[:2], window[2:])):
        factor = (high - low) / (end - start) * GRID / SIDE
        offset = (low - start * (high - low) / (end - start)) * GRID + factor / 2 - 0.5
        rows.append([*(factor if axis == other else 0.0 for other in (0, 1)), offset])
    return np.array(rows)


def draw_placed(
    luma: Small, part: Part, matrix: Matrix, size: tuple[int, int]
) -> tuple[Sketches, npt.NDArray[np.bool_]]:
    """Sketches of a part of pictures on a canvas of (width, height) cells, and which of its cells
    that part covers."""
    cells = np.maximum(1, np.round(1 / np.linalg.norm(matrix[:, :2], axis=0))).astype(int)
    inside = cv2.warpAffine(part.astype(np.float32), matrix, size) > 0.5
    share = np.maximum(_around(inside.astype(np.float32)), 1e-6)
    sketches = []
    for picture in luma:
        mean = cv2.blur(picture, (int(cells[0]), int(cells[1])))
        placed = np.where(inside, cv2.warpAffine(mean, matrix, size), 0)
        difference = np.where(inside, placed - _around(placed) / share, 0)
        least = max(_FLAT, _FAINT * float(difference[inside].std()) if inside.any() else 0)
        sketches.append(np.where(np.abs(difference) > least, np.sign(difference), 0))
    return np.stack(sketches).astype(np.int8), inside


def _around(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    blurred = cv2.GaussianBlur(plane, (0, 0), _AROUND, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, np.float32)


def correlate(
    sketches: Sketches, inside: npt.NDArray[np.bool_], stored: Sketches, shifts: Iterable[Shift]
) -> npt.NDArray[np.float32]:
    """Best correlation, -1..1, of each sketch with any stored one, at the shift that suits all
    best; NaN for a sketch that has too little in common with any to say. Each shift moves the
    canvas over the grid."""
    flat = stored.reshape(len(stored), -1).astype(np.float32)
    best = np.full(len(sketches), np.nan, np.float32)
    least = _LEAST_PART * min(int(inside.sum()), GRID * GRID)
    for shift in shifts:
        moved = _moved(sketches, shift).reshape(len(sketches), -1).astype(np.float32)
        covered = _moved(inside[None], shift).reshape(-1).astype(np.float32)
        if covered.sum() < least:
            continue
        theirs = np.abs(flat) @ covered
        ours = np.abs(moved).sum(axis=1)
        energy = np.sqrt(np.outer(ours, theirs))
        enough = (ours[:, None] >= _LEAST_CELLS) & (theirs >= _LEAST_CELLS)
        scores = np.where(enough, moved @ flat.T / np.maximum(energy, 1), -2).max(axis=1)
        scores = np.where(scores < -1, np.nan, scores).astype(np.float32)
        if _total(scores) > _total(best):
            best = scores
    return best


def _total(scores: npt.NDArray[np.float32]) -> float:
    return float(np.nansum(np.maximum(scores, 0))) if np.isfinite(scores).any() else -1.0


def _moved(canvas: npt.NDArray[np.generic], shift: Shift) -> npt.NDArray[np.generic]:
    """What of a canvas (M, H, W) lies on the grid once it is moved there, 0 elsewhere."""
    grid = np.zeros((len(canvas), GRID, GRID), canvas.dtype)
    (left, width), (top, height) = zip(shift, canvas.shape[:0:-1], strict=True)
    x, y = slice(max(left, 0), min(left + width, GRID)), slice(max(top, 0), min(top + height, GRID))
    if x.start < x.stop and y.start < y.stop:
        grid[:, y, x] = canvas[:, y.start - top : y.stop - top, x.start - left : x.stop - left]
    return grid
