"""The open mark: a constant public message in chroma U that stock software reads.

Wire-compatible with method `dwtDctSvd` of invisible-watermark 0.2.0 (PyPI): every 8x8 pixel block
holds one bit in the largest singular value of its Haar low band, quantised in steps of 36. The
DCT which that method puts in between is orthogonal and changes no singular value, so it can be
skipped: adding d u v' to the low band (u, v: first singular vectors) raises the value by d.

Anybody can write or erase this mark. It says "made by an AI, ask further", never who made it.
"""

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark.types import Frames, OpenMark, Plane

OPEN_ALGORITHM = "invisible-watermark.dwtDctSvd"
# The first four bytes of SHA-256("org.signet-video.open-mark"): unstructured, since on unmarked
# video the reader's answers crowd around all zeros and all ones (17 of these 32 bits are ones).
OPEN_MESSAGE = bytes.fromhex("67a73952")
MIN_PIXELS = 256 * 256
"""The stock software refuses smaller pictures."""

# A fair coin agrees in 30 of 32 bits with probability 1.3e-7. Unmarked video is no fair coin, but
# its answers do not depend on the message, which hash bits make as good as random once.
MATCHING_BITS = 30
FRAMES_READ = 5

STEP = 36.0
_POWER_ITERATIONS = 2
_BITS = np.unpackbits(np.frombuffer(OPEN_MESSAGE, np.uint8))


def chroma_change(frame: npt.NDArray[np.uint8]) -> Plane:
    """What to add to U (OpenCV's BT.601, 0..255) of an RGB frame (H, W, 3), float32 (H, W).

    Constant over 2x2 pixels, hence it survives 4:2:0 subsampling. Zero for pictures that the stock
    software refuses.
    """
    height, width = frame.shape[:2]
    result = np.zeros((height, width), np.float32)
    if height * width < MIN_PIXELS:
        return result
    rows, columns = height // 8, width // 8
    left, value, right = _first_singular_triplet(low_band(frame))
    change = left[:, None] * right[None, :] * (_nearest_carrier(value) - value)
    plane = change.transpose(2, 0, 3, 1).reshape(rows * 4, columns * 4) / 2
    result[: rows * 8, : columns * 8] = np.repeat(np.repeat(plane, 2, axis=0), 2, axis=1)
    return result


def read(frames: Frames) -> OpenMark | None:
    """What up to five frames spread over the clip carry, by majority; None for pictures that the
    stock software refuses. Agrees with its decoder bit by bit."""
    if frames.shape[1] * frames.shape[2] < MIN_PIXELS:
        return None
    count = min(FRAMES_READ, len(frames))
    chosen = np.linspace(0, len(frames) - 1, count).round().astype(int)
    votes = sum(_bits(np.ascontiguousarray(frames[i])).astype(int) for i in chosen)
    bits = (2 * np.asarray(votes) > count).astype(np.uint8)
    correct = int(np.count_nonzero(bits == _BITS))
    return OpenMark(
        message=np.packbits(bits).tobytes().hex(),
        matches=correct >= MATCHING_BITS,
        bits_correct=correct,
        bits=_BITS.size,
    )


def stock_software_reads(frame: npt.NDArray[np.uint8]) -> bool:
    """Whether invisible-watermark's own decoder finds exactly the open message in an RGB frame.

    Slow, and imports torch: for proving that a finished file keeps what we promise.
    """
    from imwatermark import WatermarkDecoder  # takes seconds, so not at the top

    if frame.shape[0] * frame.shape[1] < MIN_PIXELS:
        return False
    decoder = WatermarkDecoder("bytes", _BITS.size)
    return bool(decoder.decode(np.ascontiguousarray(frame[..., ::-1]), "dwtDctSvd") == OPEN_MESSAGE)


def _bits(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """The 32 bits of one RGB frame: each the mean vote of the blocks that carry it."""
    _, value, _ = _first_singular_triplet(low_band(frame))
    high = (value % STEP > STEP / 2).ravel()
    position = np.arange(high.size) % _BITS.size
    share = np.bincount(position, high, _BITS.size) / np.bincount(position, minlength=_BITS.size)
    return np.asarray(share >= 0.5)


def low_band(frame: npt.NDArray[np.uint8]) -> Plane:
    """The Haar low band of U (OpenCV's BT.601), float32 (4, 4, R, C): 4x4 values of each 8x8
    pixel block."""
    rows, columns = frame.shape[0] // 8, frame.shape[1] // 8
    chroma = cv2.cvtColor(frame[: rows * 8, : columns * 8], cv2.COLOR_RGB2YUV)[..., 1]
    # The Haar low band is twice the mean of 2x2 pixels.
    size = (columns * 4, rows * 4)
    low = 2 * cv2.resize(chroma.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(low.reshape(rows, 4, columns, 4).transpose(1, 3, 0, 2))


def _first_singular_triplet(blocks: Plane) -> tuple[Plane, Plane, Plane]:
    """First left vector (4, R, C), value (R, C) and right vector (4, R, C) of blocks (4, 4, R, C).

    Power iteration from the constant vector: pixel values are positive, so it starts close.
    """
    right = np.full((4, *blocks.shape[2:]), 0.5, np.float32)
    for _ in range(_POWER_ITERATIONS):
        left = np.einsum("ijrc,jrc->irc", blocks, right)
        right = np.einsum("ijrc,irc->jrc", blocks, left)
        right /= np.sqrt(np.einsum("jrc,jrc->rc", right, right)) + 1e-6
    left = np.einsum("ijrc,jrc->irc", blocks, right)
    value = np.sqrt(np.einsum("irc,irc->rc", left, left))
    return left / (value + 1e-6), value, right


def _nearest_carrier(value: Plane) -> Plane:
    """The value nearest to `value` (R, C) in the middle of an interval that reads as each block's
    bit. (The stock writer takes the one above the last multiple of the step: up to 27 away, not
    18, which the reader cannot tell apart.)"""
    offset = np.where(np.resize(_BITS, value.shape), 0.75, 0.25).astype(np.float32)
    return np.asarray((np.maximum(np.rint(value / STEP - offset), 0) + offset) * STEP)
