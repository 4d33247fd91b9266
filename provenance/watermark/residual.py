"""The detector's front end: what is left of a frame once its content is subtracted, as one tile.

The tile mark is the same in every frame, so tiles of any set of frames are simply added: dropped,
doubled or shuffled frames cost nothing. `whiten` then makes the band's coefficients comparable.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark import pattern
from provenance.watermark.types import Plane

CONTENT_SIGMA = 4.0
ACTIVITY_WINDOW = (17, 17)
ACTIVITY_FLOOR = 2.0
MAX_DEVIATION = 3.0
MAX_MAGNITUDE = 2.0


def residual_tile(frame: npt.NDArray[np.uint8]) -> Plane:
    """Luma of an RGB frame (H, W, 3) less its blur, divided by local activity, folded to a tile."""
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = luma - cv2.GaussianBlur(luma, (0, 0), CONTENT_SIGMA)
    # The blur's running sums can leave flat areas a hair below zero.
    energy = np.maximum(cv2.blur(detail * detail, ACTIVITY_WINDOW), 0)
    activity = np.sqrt(energy) + ACTIVITY_FLOOR
    return pattern.fold(np.clip(detail / activity, -MAX_DEVIATION, MAX_DEVIATION))


def whiten(tile: Plane) -> pattern.Band:
    """The band's coefficients, each ring of equal radius scaled to unit mean power, magnitudes
    limited so that a few strong ones (stripes, logos) do not decide."""
    band = pattern.analyse(tile)
    ring = np.rint(pattern.RADIUS).astype(np.intp)
    power = np.bincount(ring, np.abs(band) ** 2) / np.maximum(np.bincount(ring), 1)
    level = np.sqrt(power[ring])
    flat = np.divide(band, level, out=np.zeros_like(band), where=level > 0)
    magnitude = np.abs(flat)
    return np.where(
        magnitude > MAX_MAGNITUDE, flat * MAX_MAGNITUDE / np.maximum(magnitude, 1e-9), flat
    ).astype(np.complex64)
