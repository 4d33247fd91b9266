"""Write both marks into every frame."""

import cv2
import numpy as np

from provenance.watermark import code, keys, mask, open_mark, pattern
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
    check_frames(frames)
    if not 0 <= mark_id < 1 << keys.ID_BITS:
        raise WatermarkError(f"a mark id is a number from 0 to 2**{keys.ID_BITS} - 1")
    height, width = frames.shape[1:3]
    plane = pattern.cover(marked_tile(mark_id, key), height, width)
    marked = np.empty_like(frames, order="C")
    for source, target in zip(frames, marked, strict=True):
        frame = np.ascontiguousarray(source)
        luma = mask.strength(frame) * plane
        chroma = open_mark.chroma_change(frame)
        change = cv2.transform(cv2.merge([luma, chroma]), _TO_RGB)
        cv2.add(frame, change, dst=target, dtype=cv2.CV_8U)  # rounds and saturates, once
    return marked


def marked_tile(mark_id: int, key: bytes) -> Plane:
    """The tile (128, 128) of an id under a key, of unit mean square."""
    schedule = keys.schedule(key)
    bits = code.encode(keys.message_bits(mark_id, schedule.mac_key))
    band = np.empty(pattern.SIZE, np.complex64)
    band[schedule.pilot] = schedule.pilot_signs
    real, imaginary = np.split(keys.data_values(bits, schedule), 2)
    band[schedule.data] = real + 1j * imaginary
    tile = pattern.synthesise(band)
    return np.asarray(tile / np.sqrt(np.mean(np.square(tile))), np.float32)
