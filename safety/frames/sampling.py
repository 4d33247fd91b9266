"""Which frames of a clip are looked at."""

import numpy as np
from numpy.typing import NDArray

_SAMPLES_PER_SECOND = 2.0
_MOST_SAMPLES = 120
"""A minute; of longer clips, frames are taken further apart."""


def sampled(frames: NDArray[np.uint8], fps: float) -> list[int]:
    """Numbers of frames, two a second from the first on, at most 120 in all. Raises ValueError
    unless `frames` are uint8 (N, H, W, 3) and some, and fps is positive."""
    if frames.ndim != 4 or frames.shape[3] != 3 or not len(frames) or frames.dtype != np.uint8:
        raise ValueError(f"frames must be uint8 (N,H,W,3), not {frames.dtype} {frames.shape}")
    if not fps > 0:
        raise ValueError(f"fps must be positive, not {fps}")
    step = max(int(fps / _SAMPLES_PER_SECOND), -(-len(frames) // _MOST_SAMPLES), 1)
    return list(range(0, len(frames), step))
