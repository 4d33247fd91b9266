"""What the watermark's public functions take, return and raise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.uint8]
"""uint8 (N, H, W, 3), RGB, N >= 1."""
Plane = npt.NDArray[np.float32]
"""float32 (H, W), in grey levels."""
Tick = Callable[[], None]
"""Called again and again while work goes on; may raise to end it."""

ALGORITHM = "org.signet-video.tile.2"
MIN_SIDE = 128
MAX_SIDE = 16384
MIN_KEY_BYTES = 16


class WatermarkError(ValueError):
    """The arguments cannot be marked or searched; the message says which and why."""


@dataclass(frozen=True)
class Segment:
    """Frames `start` to `end` (exclusive) carry a mark.

    mark_id is None where a mark is present but its id unreadable. region is the part of the
    picture that carries it as (left, top, right, bottom) in 0..1, None for the whole picture.
    """

    start: int
    end: int
    mark_id: int | None
    region: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class Affine:
    """Where a pixel (x, y) of the picture at hand lay when it was marked.

    matrix: ((a, b, c), (d, e, f)) maps (x, y) to (a x + b y + c, d x + e y + f). The same map told
    as what was done to the marked picture: it was mirrored left to right (if `mirrored`), scaled by
    `scale` (geometric mean of width and height), with its width stretched `stretch` times as much
    as its height, and turned counter-clockwise by rotation_degrees (-180 < r <= 180). shift is
    (c, f) in pixels, known only modulo the tile's period, hence in 0..128.
    """

    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]
    mirrored: bool
    rotation_degrees: float
    scale: float
    stretch: float
    shift: tuple[float, float]


@dataclass(frozen=True)
class OpenMark:
    """What is read of the open mark.

    message: hexadecimal, by majority over the frames read. bits_correct: how many of its `bits`
    agree with the constant open message; `matches`: enough of them (see `open_mark`).
    """

    message: str
    matches: bool
    bits_correct: int
    bits: int


@dataclass(frozen=True)
class Detection:
    """The answer for one clip.

    mark_id: the id proven for most frames, or None. log10_false_positive: bound, in 0 or below, on
    the probability that a clip without a mark of these keys shows evidence this strong, over
    everything that was tried. segments: in order of time, only stretches that carry a mark.
    geometry: of the strongest evidence, None without a mark. open_mark: None where the picture is
    too small for it.
    """

    mark_id: int | None
    log10_false_positive: float
    segments: tuple[Segment, ...]
    geometry: Affine | None
    open_mark: OpenMark | None


def check_frames(frames: Frames) -> None:
    """Raises WatermarkError unless `frames` is uint8 (N, H, W, 3), N >= 1, 128 <= H, W <= 16384."""
    if not isinstance(frames, np.ndarray) or frames.dtype != np.uint8:
        raise WatermarkError("frames must be a numpy array of uint8")
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.shape[0] < 1:
        raise WatermarkError(f"frames must have shape (N, H, W, 3) with N >= 1, not {frames.shape}")
    if min(frames.shape[1:3]) < MIN_SIDE:
        height, width = frames.shape[1:3]
        raise WatermarkError(f"pictures must be at least {MIN_SIDE} pixels, not {width}x{height}")
    if max(frames.shape[1:3]) > MAX_SIDE:
        height, width = frames.shape[1:3]
        raise WatermarkError(f"pictures must be at most {MAX_SIDE} pixels, not {width}x{height}")


def check_key(key: bytes) -> None:
    """Raises WatermarkError unless `key` is at least 16 bytes."""
    if not isinstance(key, bytes) or len(key) < MIN_KEY_BYTES:
        raise WatermarkError(f"a watermark key must be at least {MIN_KEY_BYTES} bytes")
