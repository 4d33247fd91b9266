"""Where pixels of the picture at hand lay when it was marked.

A `Placement` leads from the pixels at hand to a canvas on which the tile has its own size again,
and on the canvas to the tile itself, which may still be mirrored, turned by quarters, and shifted.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark import pattern
from provenance.watermark.types import Affine, Plane

Matrix = npt.NDArray[np.float64]
"""float64 (2, 3): an affine map of pixel coordinates (x, y)."""
Linear = npt.NDArray[np.float64]
"""float64 (..., 2, 2): the linear part of such a map."""

IDENTITY: Matrix = np.eye(2, 3)
IDENTITY.setflags(write=False)


def linear(width: npt.ArrayLike, height: npt.ArrayLike, degrees: npt.ArrayLike = 0.0) -> Linear:
    """Undo scaling by (width, height) and a counter-clockwise turn: from pixels at hand to pixels
    of the marked picture. Arrays broadcast to (..., 2, 2)."""
    x, y, angle = np.broadcast_arrays(width, height, np.deg2rad(degrees))
    cosine, sine = np.cos(angle), np.sin(angle)
    rows = [[cosine / x, -sine / x], [sine / y, cosine / y]]
    return np.moveaxis(np.array(rows, np.float64), (0, 1), (-2, -1))


def canvas_of(matrix: Linear, height: int, width: int) -> tuple[Matrix, tuple[int, int]]:
    """The map with this linear part that brings a picture of height x width pixels on to a canvas
    that just holds it, and that canvas's (width, height)."""
    corners = np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]])
    moved = corners @ matrix.T
    low, high = moved.min(axis=0), moved.max(axis=0)
    size = np.ceil(high - low).astype(int) + 1
    return np.column_stack([matrix, -low]), (int(size[0]), int(size[1]))


def straighten(plane: Plane, matrix: Matrix, size: tuple[int, int]) -> Plane:
    """The plane on its canvas, of (width, height) `size`; zero where the picture does not reach."""
    if np.array_equal(matrix, IDENTITY):
        return plane
    return np.asarray(cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_CUBIC), np.float32)


def reduction(width: int, height: int, size: tuple[int, int]) -> Matrix:
    """The map from pixels of a picture to those of the same picture reduced to `size`."""
    across, down = size[0] / width, size[1] / height
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    square = np.vstack([inner, [0.0, 0.0, 1.0]])
    return np.asarray(outer @ square)


@dataclass(frozen=True)
class Placement:
    """The tile was brought into `orientation` (see `pattern.orient`), then rolled by shift_y,
    shift_x."""

    orientation: int
    shift_y: int
    shift_x: int

    def to_tile(self) -> Matrix:
        """From canvas pixels to pixels of the tile, modulo its period."""
        across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
        offset = np.array([-self.shift_x, -self.shift_y], np.float64)
        for _ in range(self.orientation % 4):
            # np.rot90 puts pixel (x, y) of the turned array at (last - y, x).
            across, down, offset = (
                _quarter(across, 0),
                _quarter(down, 0),
                _quarter(offset, pattern.TILE - 1),
            )
        if self.orientation >= 4:
            flip = np.array([-1.0, 1.0])
            across, down = across * flip, down * flip
            offset = offset * flip + [pattern.TILE - 1, 0]
        return np.column_stack([across, down, offset])


def describe(matrix: Matrix) -> Affine:
    """The map in parts."""
    shift = (float(matrix[0, 2] % pattern.TILE), float(matrix[1, 2] % pattern.TILE))
    forward = np.linalg.inv(matrix[:, :2])  # from the marked picture to the one at hand
    mirrored = bool(np.linalg.det(forward) < 0)
    if mirrored:
        forward = forward @ np.diag([-1.0, 1.0])
    # Image coordinates run down, so a counter-clockwise turn takes (1, 0) to (cos, -sin).
    turn = complex(forward[0, 0] + forward[1, 1], forward[0, 1] - forward[1, 0])
    width, height = np.linalg.norm(forward, axis=0)
    rows = [tuple(float(value) + 0.0 for value in row[:2]) for row in matrix]
    return Affine(
        matrix=((rows[0][0], rows[0][1], shift[0]), (rows[1][0], rows[1][1], shift[1])),
        mirrored=mirrored,
        rotation_degrees=float(np.rad2deg(np.angle(turn))) + 0.0,
        scale=float(np.sqrt(width * height)),
        stretch=float(width / height),
        shift=shift,
    )


def _quarter(vector: npt.NDArray[np.float64], last: float) -> npt.NDArray[np.float64]:
    """Where np.rot90 took the pixel (x, y) from; `last` = 0 for directions."""
    return np.array([last - vector[1], vector[0]])
