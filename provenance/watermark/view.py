"""How a clip is looked at: reduced or not, whole or through a window, and straightened, so that
the tile has its own size again."""

from dataclasses import dataclass

from provenance.watermark import geometry, pattern, residual
from provenance.watermark.geometry import IDENTITY, Linear, Matrix, Placement
from provenance.watermark.types import Affine, Plane

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels, right and bottom exclusive."""


@dataclass(frozen=True)
class View:
    """Of pictures of width x height. `size`: (width, height) they are reduced to. `window`: the
    part looked at, in reduced pixels. `matrix`, `canvas`: from the window's pixels to a canvas of
    that (width, height)."""

    width: int
    height: int
    size: tuple[int, int]
    window: Box
    matrix: Matrix
    canvas: tuple[int, int]

    def straightened(self, linear: Linear) -> "View":
        """The same view through a map with this linear part (2, 2)."""
        left, top, right, bottom = self.window
        matrix, canvas = geometry.canvas_of(linear, bottom - top, right - left)
        return View(self.width, self.height, self.size, self.window, matrix, canvas)

    def through(self, window: Box) -> "View":
        """The unstraightened view of a part of the picture."""
        left, top, right, bottom = window
        canvas = (right - left, bottom - top)
        return View(self.width, self.height, self.size, window, IDENTITY, canvas)

    def band(self, plane: Plane) -> pattern.Band:
        """The whitened band of a plane of this view."""
        straight = geometry.straighten(plane, self.matrix, self.canvas)
        return residual.whiten(pattern.fold(straight))

    def to_tile(self, placement: Placement) -> Matrix:
        """From the window's pixels to those of the tile, modulo its period."""
        return geometry.compose(placement.to_tile(), self.matrix)

    def affine(self, placement: Placement) -> Affine:
        """From pixels of the picture at hand to those of the marked one."""
        enter = geometry.reduction(self.width, self.height, self.size)
        enter[:, 2] -= self.window[:2]
        return geometry.describe(geometry.compose(self.to_tile(placement), enter))


def whole(width: int, height: int, reduction: int = 1) -> View:
    """The whole picture, reduced so many times, not straightened."""
    size = (width // reduction, height // reduction)
    return View(width, height, size, (0, 0, *size), IDENTITY, size)
