"""Attempts to remove the mark from one video without knowing the key."""

import cv2
import numpy as np

from .base import Clip, Context, Frame, framewise, plain, register, rounded
from .colour import blur, sharpen
from .time import between


def blur_and_sharpen(frame: Frame, sigma: float, amount: float) -> Frame:
    """Blurred by sigma pixels, then sharpened as much as that needs."""
    return sharpen(blur(frame, sigma), amount, sigma)


def quarter_and_back(frame: Frame) -> Frame:
    """A quarter of the size, back by Lanczos, sharpened."""
    small = cv2.resize(frame, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    size = (frame.shape[1], frame.shape[0])
    return sharpen(cv2.resize(small, size, interpolation=cv2.INTER_LANCZOS4), 1.0)


def mean_of_three(clip: Clip) -> Clip:
    """Each frame averaged with its neighbours."""
    values = clip.frames.astype(np.float32)
    padded = np.concatenate([values[:1], values, values[-1:]])
    return clip.showing(rounded((padded[:-2] + padded[1:-1] + padded[2:]) / 3))


def rebuild_by_flow(clip: Clip) -> Clip:
    """Every inner frame thrown away and made anew from the motion of its neighbours."""
    frames = clip.frames
    inner = [between(a, b) for a, b in zip(frames[:-2], frames[2:], strict=True)]
    return clip.showing(np.stack([frames[0], *inner, frames[-1]]))


def autoencoder_like(clip: Clip, context: Context) -> Clip:
    """A stand-in for the round trip through a latent autoencoder: half size, noise, denoised,
    chroma smoothed, enlarged, sharpened."""

    def one(frame: Frame) -> Frame:
        height, width = frame.shape[:2]
        half = cv2.resize(frame, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        noisy = rounded(half + context.rng.normal(0, 6, half.shape))
        luma_chroma = cv2.cvtColor(cv2.bilateralFilter(noisy, 5, 35, 3), cv2.COLOR_RGB2YCrCb)
        luma_chroma[..., 1:] = cv2.GaussianBlur(luma_chroma[..., 1:], (0, 0), 1.5)
        smooth = cv2.cvtColor(luma_chroma, cv2.COLOR_YCrCb2RGB)
        return sharpen(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LANCZOS4), 1.0)

    return clip.each(one)


register("rm_blur_sharp", "removal", "hard", framewise(blur_and_sharpen, 2.0, 2.0))
register("rm_blur_sharp_3", "removal", "extreme", framewise(blur_and_sharpen, 3.0, 2.5))
register("rm_down4_up", "removal", "extreme", framewise(quarter_and_back))
register("rm_bilateral", "removal", "hard", framewise(cv2.bilateralFilter, 7, 40, 5))
register("rm_nlm", "removal", "hard", framewise(cv2.fastNlMeansDenoisingColored, None, 6, 6, 5, 9))
register("rm_temporal_avg3", "removal", "hard", plain(mean_of_three))
register("rm_flow_regen", "removal", "hard", plain(rebuild_by_flow))
register("rm_vae_proxy", "removal", "extreme", autoencoder_like)
