"""Which part of the picture carries a mark that has been found."""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark import geometry, keys, pattern
from provenance.watermark.read import Reading
from provenance.watermark.types import Plane
from provenance.watermark.view import Box, View

BLOCK = 32
"""Side, in pixels, of the blocks judged."""
EXPECTED_SHARE = 0.4
"""A block whose correlation is below this share of the best blocks' speaks against the mark."""
CERTAIN_ABSENCE = 6.0
"""Standard deviations by which the rest of the picture must miss the mark."""
LARGEST_PART = 0.66
"""Share of the picture's area from which the rest is an overlay or a frame, no other picture."""
SMALLEST_REST = 0.1
"""Share of the picture's detail below which the rest is bars, whose edges count as detail."""
FOREIGN_SHARE = 0.06
"""Another picture shows less than this share of what is usual inside; a mark that was merely
weakened there, or lies a little beside the map, shows more."""


def marked_part(plane: Plane, seen: View, reading: Reading) -> Box | None:
    """The box, in pixels of `plane`, outside which the mark of `reading` is certainly missing;
    None where it may be everywhere.

    plane: the sum of residuals, float32 (H, W), of the whole picture. Parts without any detail
    (bars, plain ground) count neither way.
    """
    if reading.mark_id is None:
        return None
    expected = _expected(plane, seen, reading)
    agreement, energy = _blocks(plane * expected), _blocks(np.abs(plane * expected))
    noise = _blocks(np.square(plane * expected))
    share = agreement / np.maximum(energy, 1e-6)
    strong = float(np.percentile(share[energy > 0], 80)) if np.any(energy > 0) else 0.0
    top, left, bottom, right = _best_box(agreement - EXPECTED_SHARE * max(strong, 0) * energy)
    inside = np.zeros(share.shape, bool)
    inside[top:bottom, left:right] = True
    if not inside.any() or inside.mean() > LARGEST_PART:
        return None
    rest, there = float(energy[~inside].sum()), float(agreement[~inside].sum())
    if rest < SMALLEST_REST * float(energy.sum()):
        return None
    usual = float(np.median(share[inside]))
    certain = CERTAIN_ABSENCE * np.sqrt(float(noise[~inside].sum()))
    if there > FOREIGN_SHARE * usual * rest or usual * rest - there < certain:
        return None
    height, width = plane.shape
    return (left * BLOCK, top * BLOCK, min(right * BLOCK, width), min(bottom * BLOCK, height))


def _expected(plane: Plane, seen: View, reading: Reading) -> Plane:
    """The tile of the reading's id as it lies on the plane, float32 (H, W)."""
    assert reading.mark_id is not None
    tile = pattern.synthesise(keys.band_of(reading.mark_id, reading.schedule))
    enter = np.array([[1.0, 0, -seen.window[0]], [0, 1.0, -seen.window[1]]])
    matrix = geometry.compose(seen.to_tile(reading.placement), enter)
    # A border of its own repetition lets the interpolation run across the tile's edge.
    border = cv2.copyMakeBorder(tile, 0, 2, 0, 2, cv2.BORDER_WRAP)
    height, width = plane.shape
    y, x = np.mgrid[:height, :width]
    lies_x = np.mod(matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2], pattern.TILE)
    lies_y = np.mod(matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2], pattern.TILE)
    x, y = lies_x.astype(np.float32), lies_y.astype(np.float32)
    return np.asarray(cv2.remap(border, x, y, cv2.INTER_LINEAR), np.float32)


def _blocks(plane: Plane) -> Plane:
    """Sums over blocks."""
    height, width = plane.shape
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    padded = np.zeros((rows * BLOCK, columns * BLOCK), np.float32)
    padded[:height, :width] = plane
    sums = padded.reshape(rows, BLOCK, columns, BLOCK).sum(axis=(1, 3))
    return np.asarray(sums, np.float32)


def _best_box(gain: Plane) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) of the box with the largest sum (Kadane, over pairs of rows)."""
    rows, _ = gain.shape
    best, box = -np.inf, (0, 0, *gain.shape)
    for top in range(rows):
        column_sums: npt.NDArray[np.float32] = np.zeros(gain.shape[1], np.float32)
        for bottom in range(top + 1, rows + 1):
            column_sums = column_sums + gain[bottom - 1]
            total = np.concatenate([[0], np.cumsum(column_sums)])
            lowest = np.minimum.accumulate(total)
            right = int(np.argmax(total - lowest))
            if total[right] - lowest[right] > best:
                best = float(total[right] - lowest[right])
                box = (top, int(np.argmin(total[: right + 1])), bottom, right)
    return box
