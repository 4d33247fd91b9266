"""The tile: a periodic luma pattern, described by the complex coefficients of its own DFT band.

The pattern repeats every 128 pixels, so folding a picture modulo 128 adds up every repetition,
whatever was cropped away. It occupies a ring of the tile's spectrum: below it a pattern is visible
and drowns in the picture's own content, above it lossy codecs discard it. The ring is symmetric
under quarter turns and mirroring, hence turned pictures are read with the same coefficients.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark.types import Plane

TILE = 128
MIN_RADIUS = 4.0
MAX_RADIUS = 18.0

Band = npt.NDArray[np.complex64]
"""complex64 (SIZE,): one half plane of the ring; the other half is its conjugate."""


def _half_plane() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    frequency_y = np.fft.fftfreq(TILE, 1 / TILE)[:, None]
    frequency_x = np.fft.rfftfreq(TILE, 1 / TILE)[None, :]
    radius = np.hypot(frequency_y, frequency_x)
    inside = (radius >= MIN_RADIUS) & (radius <= MAX_RADIUS)
    rows, columns = np.nonzero(inside & ((frequency_x > 0) | (frequency_y > 0)))
    return rows, columns, radius[rows, columns]


ROWS, COLUMNS, RADIUS = _half_plane()
SIZE = ROWS.size


def synthesise(band: Band) -> Plane:
    """The real tile (128, 128) with these coefficients; the inverse of `analyse`."""
    spectrum = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    spectrum[ROWS, COLUMNS] = band
    axis = COLUMNS == 0  # rfft2 stores both halves of this column
    spectrum[-ROWS[axis], 0] = band[axis].conj()
    return np.fft.irfft2(spectrum, (TILE, TILE)).astype(np.float32)


def analyse(tile: Plane) -> Band:
    """The ring's coefficients of a tile (128, 128)."""
    return np.fft.rfft2(tile)[ROWS, COLUMNS].astype(np.complex64)


def cover(tile: Plane, height: int, width: int) -> Plane:
    """The tile repeated from the top left corner over height x width pixels."""
    repeated = np.tile(tile, (-(-height // TILE), -(-width // TILE)))
    return np.ascontiguousarray(repeated[:height, :width])


def fold(plane: Plane) -> Plane:
    """The sum of all 128 x 128 blocks of a plane; the parts at the far edges count as far as they
    go."""
    height, width = plane.shape
    tile = np.zeros((TILE, TILE), np.float32)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            block = plane[top : top + TILE, left : left + TILE]
            target = tile[: block.shape[0], : block.shape[1]]
            cv2.add(target, block, dst=target)
    return tile


def orient(tile: Plane, orientation: int) -> Plane:
    """One of the 8 symmetries of the square: mirrored left to right for orientation >= 4, then
    turned counter-clockwise by orientation % 4 quarters."""
    mirrored = tile[:, ::-1] if orientation >= 4 else tile
    return np.ascontiguousarray(np.rot90(mirrored, orientation % 4))


def undo_orient(tile: Plane, orientation: int) -> Plane:
    """The inverse of `orient`."""
    turned = np.rot90(tile, -(orientation % 4))
    return np.ascontiguousarray(turned[:, ::-1] if orientation >= 4 else turned)


ORIENTATIONS = range(8)
