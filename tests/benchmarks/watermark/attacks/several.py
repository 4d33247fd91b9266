"""Attacks by somebody who holds several videos: collusion, forgery, removal by averaging."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .base import Frames, rounded

Residual = npt.NDArray[np.float32]
"""Grey levels: (H, W, 3) for all frames alike, or (N, H, W, 3)."""


def mean(copies: Sequence[Frames]) -> Frames:
    """Copies of one video with different ids, averaged."""
    return rounded(np.mean(np.stack(copies), axis=0, dtype=np.float32))


def median(copies: Sequence[Frames]) -> Frames:
    """The median of each value."""
    middle = len(copies) // 2
    return np.partition(np.stack(copies), middle, axis=0)[middle]


def mosaic(copies: Sequence[Frames], side: int = 48, seed: int = 0) -> Frames:
    """Each square of each frame from a copy chosen by chance; side in pixels."""
    count, height, width = copies[0].shape[:3]
    blocks = (count, -(-height // side), -(-width // side))
    choice = np.random.default_rng(seed).integers(len(copies), size=blocks)
    pixels = choice.repeat(side, axis=1).repeat(side, axis=2)[:, :height, :width]
    result = np.empty_like(copies[0])
    for index, frames in enumerate(copies):
        chosen = pixels == index
        result[chosen] = frames[chosen]
    return result


def single_residual(marked: Frames) -> Residual:
    """What one marked video shows of its mark: frames less their median filtered, smoothed self."""
    return np.stack([_detail(frame, cv2.medianBlur(frame, 3), sigma=1.0) for frame in marked])


def blind_residual(videos: Iterable[Frames]) -> Residual:
    """The mean over many marked videos of frames less their blur."""
    return _mean(_detail(frame, frame, sigma=2.0) for video in videos for frame in video)


def paired_residual(pairs: Iterable[tuple[Frames, Frames]]) -> Residual:
    """The mean difference of marked videos from their originals."""
    return _mean(
        frame.astype(np.float32) - original
        for marked, originals in pairs
        for frame, original in zip(marked, originals, strict=True)
    )


def add(frames: Frames, residual: Residual, gain: float = 1.0) -> Frames:
    """Frames with a residual added, or with a negative gain taken away."""
    return rounded(frames + np.float32(gain) * residual)


def _detail(frame: Frames, base: Frames, sigma: float) -> Residual:
    return frame.astype(np.float32) - cv2.GaussianBlur(base.astype(np.float32), (0, 0), sigma)


def _mean(residuals: Iterable[Residual]) -> Residual:
    total, count = np.float32(0), 0
    for residual in residuals:
        total, count = total + residual, count + 1
    return np.asarray(total / count, np.float32)
