"""How much change each pixel hides.

Flat and dark regions show a pattern most, so they carry less. Texture hides it, edges do not: the
smaller eigenvalue of the structure tensor (Foerstner and Guelch, 1987) is large only where the
picture varies in both directions. Moving regions carry less as well: content that slides below a
standing pattern gives it away, and motion-compensated codecs destroy it there first.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark.types import Plane

TARGET_PSNR_DB = 43.15  # measured 43.0 and more after rounding and saturation
FLAT = 0.7
FULL_TEXTURE = 3.0
DARKEST = 0.6
MID_TONE = 48.0
MOVING = 0.5
FULL_MOTION = 8.0
REDUCTION = 4
"""Strength is computed on pictures reduced this many times: it varies slowly."""
SMOOTHING = (5, 5)


def strength(luma: npt.NDArray[np.uint8], previous: npt.NDArray[np.uint8] | None) -> Plane:
    """Standard deviation of the pattern per pixel, float32 (H, W), for luma (H, W) that follows the
    frame `previous` (None for the first).

    Its mean square gives the whole picture's luma TARGET_PSNR_DB.
    """
    height, width = luma.shape
    small = reduce(luma)
    hidden = FLAT + (1 - FLAT) * np.minimum(_texture(small) / FULL_TEXTURE, 1)
    hidden *= DARKEST + (1 - DARKEST) * np.minimum(cv2.blur(small, SMOOTHING) / MID_TONE, 1)
    if previous is not None:
        motion = cv2.blur(cv2.absdiff(small, reduce(previous)), SMOOTHING)
        hidden *= 1 - (1 - MOVING) * np.minimum(motion / FULL_MOTION, 1)
    target = 255.0 * 10 ** (-TARGET_PSNR_DB / 20)
    hidden *= target / np.sqrt(np.mean(np.square(hidden)))
    return np.asarray(cv2.resize(hidden, (width, height), interpolation=cv2.INTER_LINEAR))


def reduce(luma: npt.NDArray[np.uint8]) -> Plane:
    """Luma as float32, REDUCTION times smaller."""
    size = (luma.shape[1] // REDUCTION, luma.shape[0] // REDUCTION)
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _texture(luma: Plane) -> Plane:
    """Root of the structure tensor's smaller eigenvalue, in grey levels per pixel."""
    along_x = cv2.Scharr(luma, cv2.CV_32F, 1, 0, scale=1 / 32)
    along_y = cv2.Scharr(luma, cv2.CV_32F, 0, 1, scale=1 / 32)
    xx = cv2.blur(along_x * along_x, SMOOTHING)
    yy = cv2.blur(along_y * along_y, SMOOTHING)
    xy = cv2.blur(along_x * along_y, SMOOTHING)
    smaller = 0.5 * (xx + yy - cv2.magnitude(xx - yy, 2 * xy))
    return np.asarray(np.sqrt(np.maximum(smaller, 0)))
