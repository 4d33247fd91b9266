"""How much change each pixel hides.

Texture hides a pattern, edges do not: the smaller eigenvalue of the structure tensor (Foerstner
and Guelch, 1987) is large only where the picture varies in both directions. Very dark regions
show a given change more than the mid-tones do.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark.types import Plane

TARGET_PSNR_DB = 43.2  # measured 43.0 after rounding to integers
FLAT = 1.0
TEXTURE_GAIN = 0.2
MAX_TEXTURE = 12.0
DARKEST = 0.6
MID_TONE = 48.0
SMOOTHING = (9, 9)


def strength(frame: npt.NDArray[np.uint8]) -> Plane:
    """Standard deviation of the pattern per pixel, float32 (H, W), for an RGB frame (H, W, 3).

    Its mean square gives the whole picture's luma TARGET_PSNR_DB.
    """
    height, width = frame.shape[:2]
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    # Strength varies slowly, so half the resolution is enough and four times as fast.
    half = cv2.resize(luma, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    shade = cv2.blur(half, SMOOTHING).astype(np.float32)
    hidden = FLAT + TEXTURE_GAIN * np.minimum(_texture(half.astype(np.float32)), MAX_TEXTURE)
    hidden *= DARKEST + (1 - DARKEST) * np.minimum(shade / MID_TONE, 1)
    target = 255.0 * 10 ** (-TARGET_PSNR_DB / 20)
    hidden *= target / np.sqrt(np.mean(np.square(hidden)))
    return np.asarray(cv2.resize(hidden, (width, height), interpolation=cv2.INTER_LINEAR))


def _texture(luma: Plane) -> Plane:
    """Root of the structure tensor's smaller eigenvalue, in grey levels per pixel."""
    along_x = cv2.Scharr(luma, cv2.CV_32F, 1, 0, scale=1 / 32)
    along_y = cv2.Scharr(luma, cv2.CV_32F, 0, 1, scale=1 / 32)
    xx = cv2.blur(along_x * along_x, SMOOTHING)
    yy = cv2.blur(along_y * along_y, SMOOTHING)
    xy = cv2.blur(along_x * along_y, SMOOTHING)
    smaller = 0.5 * (xx + yy - cv2.magnitude(xx - yy, 2 * xy))
    return np.asarray(np.sqrt(np.maximum(smaller, 0)))
