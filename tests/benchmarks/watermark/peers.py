"""The three methods of the invisible-watermark package, used as its documentation shows.

Each frame carries the same 32 bits. A reader decodes a few frames as they are and, where the size
changed, enlarged or shrunk to the marked size; the bits are a majority over the frames, and the
better of the two readings counts.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .attacks import Frames
from .clips import HEIGHT, WIDTH

FRAMES_READ = {"dwtDct": 5, "dwtDctSvd": 5, "rivaGan": 3}
METHODS = tuple(FRAMES_READ)
BITS = 32
MIN_PIXELS = 256 * 256

Bits = npt.NDArray[np.uint8]


def message(clip: str) -> Bits:
    """The bits (32,) of a clip, as good as random."""
    return np.unpackbits(np.frombuffer(hashlib.sha256(clip.encode()).digest()[:4], np.uint8))


@cache
def _load(method: str) -> Any:
    """The package, which imports torch, with the networks that one method needs. It would give
    each network a thread for every core; the study's processes use the cores already."""
    import imwatermark
    from imwatermark.rivaGan import RivaWatermark

    if method == "rivaGan":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        for part in ("encoder", "decoder"):
            file = Path(imwatermark.__file__).with_name(f"rivagan_{part}.onnx")
            setattr(RivaWatermark, part, onnxruntime.InferenceSession(str(file), options))
    return imwatermark


def embed(frames: Frames, method: str, bits: Bits) -> Frames:
    """The frames with these bits in each of them."""
    encoder = _load(method).WatermarkEncoder()
    encoder.set_watermark("bits", bits.tolist())
    marked = [encoder.encode(np.ascontiguousarray(f[..., ::-1]), method) for f in frames]
    return np.stack(marked)[..., ::-1].copy()


def read(frames: Frames, method: str, bits: Bits) -> float:
    """Share of the bits read right, 0..1; a fair coin gets 0.5."""
    readings = [_vote(frames, method)]
    if frames.shape[1:3] != (HEIGHT, WIDTH):
        sized = [cv2.resize(frame, (WIDTH, HEIGHT)) for frame in _spread(frames, method)]
        readings.append(_vote(np.stack(sized), method))
    return max(float(np.mean(reading == bits)) for reading in readings if reading is not None)


def _spread(frames: Frames, method: str) -> Frames:
    count = min(FRAMES_READ[method], len(frames))
    return frames[np.linspace(0, len(frames) - 1, count).round().astype(int)]


def _vote(frames: Frames, method: str) -> Bits | None:
    """The majority of the readings; None for pictures that the package refuses."""
    if frames.shape[1] * frames.shape[2] < MIN_PIXELS:
        return None
    decoder = _load(method).WatermarkDecoder("bits", BITS)
    chosen = _spread(frames, method)
    read = [decoder.decode(np.ascontiguousarray(f[..., ::-1]), method) for f in chosen]
    return (2 * np.sum(np.asarray(read, int), axis=0) > len(read)).astype(np.uint8)
