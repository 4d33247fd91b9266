"""Write both marks into every frame."""

import operator

import cv2
import numpy as np
import numpy.typing as npt

from provenance.watermark import keys, mask, open_mark, pattern
from provenance.watermark.types import Frames, Plane, WatermarkError, check_frames

# What one grey level of luma and of U add to R, G and B (BT.601, as OpenCV defines Y and U). Equal
# steps of R, G and B change luma alone, so the two marks do not meet.
_TO_RGB = np.array([[1.0, 0.0], [1.0, -0.395], [1.0, 2.032]], np.float32)


def embed(frames: Frames, mark_id: int, key: bytes) -> Frames:
    """A marked copy of RGB frames, uint8 (N, H, W, 3) with H, W >= 128.

    mark_id: 0 <= mark_id < 2**64, carried by every frame. key: secret, at least 16 bytes. The same
    arguments give the same pixels. Pictures below 256 x 256 pixels in area carry no open mark.
    Raises WatermarkError (a ValueError) for other arguments.
    """
    luma = _LumaMark(frames, mark_id, key)
    marked = np.empty_like(frames, order="C")
    for index, target in enumerate(marked):
        frame = np.ascontiguousarray(frames[index])
        change = cv2.merge([luma.change(index), open_mark.chroma_change(frame)])
        # One addition rounds and saturates once.
        cv2.add(frame, cv2.transform(change, _TO_RGB), dst=target, dtype=cv2.CV_8U)
    return marked


def embed_luma(frames: Frames, mark_id: int, key: bytes) -> Frames:
    """As `embed`, but the keyed luma mark alone."""
    luma = _LumaMark(frames, mark_id, key)
    marked = np.empty_like(frames, order="C")
    for index, target in enumerate(marked):
        change = luma.change(index)
        frame = np.ascontiguousarray(frames[index])
        cv2.add(frame, cv2.merge([change, change, change]), dst=target, dtype=cv2.CV_8U)
    return marked


class _LumaMark:
    """The change of luma in each frame; asked in order of time, it keeps one frame in memory."""

    def __init__(self, frames: Frames, mark_id: int, key: bytes) -> None:
        check_frames(frames)
        try:
            mark_id = operator.index(mark_id)
        except TypeError as error:
            raise WatermarkError("a mark id is a whole number") from error
        if not 0 <= mark_id < 1 << keys.ID_BITS:
            raise WatermarkError(f"a mark id is a number from 0 to 2**{keys.ID_BITS} - 1")
        height, width = frames.shape[1:3]
        self._frames = frames
        self._pattern = pattern.cover(marked_tile(mark_id, key), height, width)
        self._previous: npt.NDArray[np.uint8] | None = None

    def change(self, index: int) -> Plane:
        frame = np.ascontiguousarray(self._frames[index])
        luma = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
        strength = mask.strength(luma, self._previous)
        self._previous = luma
        return np.multiply(strength, self._pattern, out=strength)


def marked_tile(mark_id: int, key: bytes) -> Plane:
    """The tile (128, 128) of an id under a key, of unit mean square."""
    tile = pattern.synthesise(keys.band_of(mark_id, keys.schedule(key)))
    return np.asarray(tile / np.sqrt(np.mean(np.square(tile))), np.float32)
