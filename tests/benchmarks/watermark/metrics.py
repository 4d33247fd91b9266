"""How far marked frames are from their originals."""

import cv2
import numpy as np
import numpy.typing as npt

from .attacks import Frame, Frames

PEAK = 255.0


def psnr(error: float) -> float:
    """Decibels for a mean squared error of 8-bit values; infinite for none."""
    return float(10 * np.log10(PEAK**2 / error)) if error else float("inf")


def figures(frames: Frames, marked: Frames) -> dict[str, float]:
    """psnr_rgb, psnr_luma, psnr_worst_frame (luma), in dB from squared errors averaged over the
    clip; ssim_luma, 0..1; flicker, dB: the PSNR that belongs to the change of the mark from frame
    to frame, infinite for one that stands still; largest_change, grey levels."""
    colour, errors, similarities, steps, largest = [], [], [], [], 0.0
    previous = None
    for original, changed in zip(frames, marked, strict=True):
        change = changed.astype(np.float32) - original
        colour.append(float(np.mean(np.square(change))))
        largest = max(largest, float(np.abs(change).max()))
        a, b = luma(original), luma(changed)
        errors.append(float(np.mean(np.square(b - a))))
        similarities.append(ssim(a, b))
        if previous is not None:
            steps.append(float(np.mean(np.square(b - a - previous))))
        previous = b - a
    return {
        "psnr_rgb": psnr(float(np.mean(colour))),
        "psnr_luma": psnr(float(np.mean(errors))),
        "psnr_worst_frame": psnr(max(errors)),
        "ssim_luma": float(np.mean(similarities)),
        "flicker": psnr(float(np.mean(steps))),
        "largest_change": largest,
    }


def psnr_rgb(frames: Frames, changed: Frames) -> float:
    """In dB, from the squared error averaged over all values of all frames."""
    pairs = zip(frames, changed, strict=True)
    return psnr(float(np.mean([np.mean(np.square(b.astype(np.float32) - a)) for a, b in pairs])))


def luma(frame: Frame) -> npt.NDArray[np.float32]:
    """BT.601 luma, 0..255, not rounded."""
    return cv2.cvtColor(frame.astype(np.float32), cv2.COLOR_RGB2GRAY)


def ssim(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    """Structural similarity of two planes of grey levels as Wang et al. (2004) define it: an
    11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, mean over whole windows."""

    def local(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return cv2.GaussianBlur(plane, (11, 11), 1.5)[5:-5, 5:-5]

    c1, c2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
    mean_1, mean_2 = local(first), local(second)
    variance_1 = local(first * first) - mean_1**2
    variance_2 = local(second * second) - mean_2**2
    covariance = local(first * second) - mean_1 * mean_2
    similarity = (2 * mean_1 * mean_2 + c1) * (2 * covariance + c2)
    similarity /= (mean_1**2 + mean_2**2 + c1) * (variance_1 + variance_2 + c2)
    return float(np.mean(similarity))
