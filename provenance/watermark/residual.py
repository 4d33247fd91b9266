"""The detector's front end: what is left of a frame once its content is subtracted.

The tile mark stands still, so residuals of any set of frames of one geometry are simply added:
dropped, doubled or shuffled frames cost nothing. `flatten` makes the frequencies of the sum
comparable, `whiten` the coefficients of the folded tile.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark import pattern
from provenance.watermark.types import Plane

CONTENT_SIGMA = 2.5
ACTIVITY_WINDOW = (9, 9)
ACTIVITY_FLOOR = 0.5
MAX_DEVIATION = 3.0
MAX_MAGNITUDE = 2.0
NEIGHBOURHOOD = (11, 11)
"""In bins of the picture's spectrum."""


def detail(frame: npt.NDArray[np.uint8], size: tuple[int, int] | None = None) -> Plane:
    """Luma of an RGB frame (H, W, 3) less its blur, divided by local activity: float32 (H, W), or
    of the reduced `size` (width, height)."""
    luma = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
    if size is not None:
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    values = luma.astype(np.float32)
    values -= cv2.GaussianBlur(values, (0, 0), CONTENT_SIGMA)
    # The blur's running sums can leave flat areas a hair below zero.
    energy = np.maximum(cv2.blur(values * values, ACTIVITY_WINDOW), 0)
    values /= cv2.sqrt(energy) + ACTIVITY_FLOOR
    return np.clip(values, -MAX_DEVIATION, MAX_DEVIATION, out=values)


def flatten(plane: Plane) -> Plane:
    """The plane with each frequency divided by the root of the mean power around it, so that strong
    stripes of content do not drown the weak lines of the tile."""
    spectrum = cv2.dft(plane, flags=cv2.DFT_COMPLEX_OUTPUT)
    power = cv2.blur(np.square(spectrum).sum(axis=2), NEIGHBOURHOOD)
    flat = spectrum / np.sqrt(power + np.float32(1e-6))[:, :, None]
    return np.asarray(cv2.dft(flat, flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT), np.float32)


def whiten(tile: Plane) -> pattern.Band:
    """The band's coefficients, each ring of equal radius scaled to unit mean power, magnitudes
    limited so that a few strong ones (stripes, logos) do not decide."""
    band = pattern.analyse(tile)
    ring = np.rint(pattern.RADIUS).astype(np.intp)
    power = np.bincount(ring, np.abs(band) ** 2) / np.maximum(np.bincount(ring), 1)
    level = np.sqrt(power[ring])
    flat = np.divide(band, level, out=np.zeros_like(band), where=level > 0)
    return limit(flat)


def limit(band: npt.NDArray[np.complex64]) -> npt.NDArray[np.complex64]:
    """Coefficients with magnitudes cut at MAX_MAGNITUDE."""
    return np.asarray(band / np.maximum(np.abs(band) / MAX_MAGNITUDE, 1), np.complex64)
