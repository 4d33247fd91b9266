"""The spectrum of a residual plane, read where a tile of some geometry would have its lines.

A pattern of period 128 pixels, seen through a linear map A, has spectral lines at A' k / 128 for
integer k (A': transpose), whatever its shift and whatever was cropped away. So a geometry is tried
by reading some hundred values, without resampling a picture.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark import pattern, residual
from provenance.watermark.geometry import Linear
from provenance.watermark.types import Plane

Lines = npt.NDArray[np.complex64]
"""complex64 (M, SIZE): a tile's band as seen through each of M geometries."""

_FREQUENCY_Y = np.where(pattern.ROWS < pattern.TILE // 2, pattern.ROWS, pattern.ROWS - pattern.TILE)
WAVES = (np.column_stack([pattern.COLUMNS, _FREQUENCY_Y]) / pattern.TILE).astype(np.float32)
"""(SIZE, 2): the lines of the upright tile in cycles per pixel, (x, y)."""

_BACKGROUND = (33, 33)
_MAX_POWER = 6.0
_CHUNK = 8192


class Spectrum:
    """Of one plane (H, W), padded to twice its size so that values between bins can be
    interpolated; each value divided by the root of the mean power around it."""

    def __init__(self, plane: Plane) -> None:
        self.height, self.width = plane.shape
        self._rows = cv2.getOptimalDFTSize(2 * self.height)
        self._columns = 2 * cv2.getOptimalDFTSize(self.width)
        padded = np.zeros((self._rows, self._columns), np.float32)
        padded[: self.height, : self.width] = plane
        # With the picture's middle as origin, phases vary slowly from bin to bin.
        middle = (-(self.height // 2), -(self.width // 2))
        full = cv2.dft(np.roll(padded, middle, (0, 1)), flags=cv2.DFT_COMPLEX_OUTPUT)
        values = np.roll(full, (self._rows // 2, self._columns // 2), (0, 1))
        power = np.square(values).sum(axis=2)
        background = cv2.blur(power, _BACKGROUND) + np.float32(1e-6)
        self._values = values / np.sqrt(background)[:, :, None]
        self._excess = np.minimum(power / background, _MAX_POWER) - 1

    def comb(self, maps: Linear, waves: npt.NDArray[np.float32] = WAVES) -> Plane:
        """(M,): the power on the lines of `waves` under each of the maps (M, 2, 2), in standard
        deviations above what a picture without lines shows. Needs no key."""
        scores = np.empty(len(maps), np.float32)
        for start in range(0, len(maps), _CHUNK):
            x, y = self._bins(maps[start : start + _CHUNK], waves)
            excess = cv2.remap(self._excess, x, y, cv2.INTER_LINEAR)
            count = np.count_nonzero(excess, axis=1)
            scores[start : start + _CHUNK] = excess.sum(axis=1) / np.sqrt(np.maximum(count, 1))
        return scores

    def lines(self, maps: Linear) -> Lines:
        """The tile's band as seen through each of the maps (M, 2, 2); zero above Nyquist."""
        values = cv2.remap(self._values, *self._bins(maps, WAVES), cv2.INTER_LINEAR)
        return residual.limit(np.ascontiguousarray(values).view(np.complex64)[:, :, 0])

    def _bins(self, maps: Linear, waves: npt.NDArray[np.float32]) -> tuple[Plane, Plane]:
        """Where the lines A' k lie among the bins: x and y, each (M, K)."""
        scaled = maps.astype(np.float32)
        x = (scaled[:, :, 0] * self._columns) @ waves.T
        y = (scaled[:, :, 1] * self._rows) @ waves.T
        x += self._columns // 2
        y += self._rows // 2
        return x, y
