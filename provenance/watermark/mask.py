"""How much change each pixel hides.

Flat and dark regions show a pattern most, so they carry less. Texture hides it, edges do not: the
smaller eigenvalue of the structure tensor (Foerstner and Guelch, 1987) is large only where the
picture varies in both directions. Moving regions carry less as well: content that slides below a
standing pattern gives it away, and motion-compensated codecs destroy it there first.

The whole is then scaled to the most that two measures of quality allow: PSNR limits textured
pictures, structural similarity (SSIM; Wang et al., 2004) flat ones.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark.types import Plane

TARGET_PSNR_DB = 43.15  # measured 43.0 and more after rounding and saturation
TARGET_SSIM = 0.99
FLAT = 0.5
FULL_TEXTURE = 6.0
DARKEST = 0.6
MID_TONE = 48.0
MOVING = 0.5
FULL_MOTION = 8.0
REDUCTION = 4
"""Strength is computed on pictures reduced this many times: it varies slowly."""
SMOOTHING = (5, 5)

_SSIM_C2 = (0.03 * 255) ** 2
# Of the pattern's energy, the share that varies within SSIM's window of 11 pixels (measured); the
# rest shifts the window's mean, which costs nothing.
_WITHIN_WINDOW = 0.88


def strength(luma: npt.NDArray[np.uint8], previous: npt.NDArray[np.uint8] | None) -> Plane:
    """Standard deviation of the pattern per pixel, float32 (H, W), for luma (H, W) that follows the
    frame `previous` (None for the first).

    It gives the whole picture's luma TARGET_PSNR_DB or TARGET_SSIM, whichever allows less.
    """
    height, width = luma.shape
    small = reduce(luma)
    hidden = FLAT + (1 - FLAT) * np.minimum(_texture(small) / FULL_TEXTURE, 1)
    hidden *= DARKEST + (1 - DARKEST) * np.minimum(cv2.blur(small, SMOOTHING) / MID_TONE, 1)
    if previous is not None:
        motion = cv2.blur(cv2.absdiff(small, reduce(previous)), SMOOTHING)
        hidden *= 1 - (1 - MOVING) * np.minimum(motion / FULL_MOTION, 1)
    hidden *= _scale(np.square(hidden), _variance(luma))
    return np.asarray(cv2.resize(hidden, (width, height), interpolation=cv2.INTER_LINEAR))


def reduce(luma: npt.NDArray[np.uint8]) -> Plane:
    """Luma as float32, REDUCTION times smaller."""
    size = (luma.shape[1] // REDUCTION, luma.shape[0] // REDUCTION)
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _scale(energy: Plane, variance: Plane) -> float:
    """The factor for a pattern of this energy, per pixel, in a picture of this local variance."""
    target = 255.0 * 10 ** (-TARGET_PSNR_DB / 20)
    factor = float(target / np.sqrt(np.mean(energy)))
    for _ in range(3):  # the loss is nearly proportional to the energy
        added = energy * (_WITHIN_WINDOW * factor**2)
        loss = float(np.mean(added / (added + 2 * variance + _SSIM_C2)))
        factor *= min(1.0, float(np.sqrt((1 - TARGET_SSIM) / loss)))
    return factor


def _variance(luma: npt.NDArray[np.uint8]) -> Plane:
    """Local variance of luma, in squared grey levels, reduced like `reduce`."""
    values = luma.astype(np.float32)
    mean, square = reduce(luma), np.square(values)
    size = (mean.shape[1], mean.shape[0])
    square = cv2.resize(square, size, interpolation=cv2.INTER_AREA)
    window = (3, 3)
    local = cv2.blur(square, window) - np.square(cv2.blur(mean, window))
    return np.asarray(np.maximum(local, 0), np.float32)


def _texture(luma: Plane) -> Plane:
    """Root of the structure tensor's smaller eigenvalue, in grey levels per pixel."""
    along_x = cv2.Scharr(luma, cv2.CV_32F, 1, 0, scale=1 / 32)
    along_y = cv2.Scharr(luma, cv2.CV_32F, 0, 1, scale=1 / 32)
    xx = cv2.blur(along_x * along_x, SMOOTHING)
    yy = cv2.blur(along_y * along_y, SMOOTHING)
    xy = cv2.blur(along_x * along_y, SMOOTHING)
    smaller = 0.5 * (xx + yy - cv2.magnitude(xx - yy, 2 * xy))
    return np.asarray(np.sqrt(np.maximum(smaller, 0)))
