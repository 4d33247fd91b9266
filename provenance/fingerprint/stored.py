"""A fingerprint as it is stored: codes to find a video by, sketches to compare it with."""

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np

from provenance.fingerprint import code, sketch
from provenance.fingerprint.code import Bits
from provenance.fingerprint.pictures import Frames, View, examine
from provenance.fingerprint.sketch import GRID, Sketches

ALGORITHM = "org.signet-video.sketch.1"
PICTURES = 24
"""The most pictures of a video that are kept."""
_VERSION = 1
_HEADER = struct.Struct("<BBII")
_CODE, _SKETCH = 8, 2 * GRID * GRID // 8
"""Bytes a picture."""


@dataclass(frozen=True)
class Fingerprint:
    """Of a video of `width` x `height` pixels: `codes` (K,) and `sketches` (K, GRID, GRID) of
    pictures evenly over its time, lying on their side where they are taller than wide."""

    width: int
    height: int
    codes: Bits
    sketches: Sketches

    def to_bytes(self) -> bytes:
        """At most 6,346 bytes: version, number of pictures, width, height; codes; cells that are
        lighter, then cells that are darker, a bit each."""
        header = _HEADER.pack(_VERSION, len(self.codes), self.width, self.height)
        planes = np.stack([self.sketches > 0, self.sketches < 0], axis=1)
        return header + self.codes.astype("<u8").tobytes() + np.packbits(planes).tobytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises ValueError for what `to_bytes` does not write."""
        if len(content) < _HEADER.size:
            raise ValueError("no fingerprint: too short")
        version, count, width, height = _HEADER.unpack_from(content)
        if version != _VERSION or len(content) != _HEADER.size + count * (_CODE + _SKETCH):
            raise ValueError(f"no fingerprint of version {_VERSION}")
        codes = np.frombuffer(content, "<u8", count, _HEADER.size)
        planes = np.frombuffer(content, np.uint8, offset=_HEADER.size + count * _CODE)
        bits = np.unpackbits(planes).reshape(count, 2, GRID, GRID).astype(np.int8)
        return cls(width, height, codes.astype(np.uint64), bits[:, 0] - bits[:, 1])


def fingerprint(frames: Frames) -> Fingerprint:
    """Of RGB frames, uint8 (N, H, W, 3). Raises ValueError for no frames."""
    return from_view(examine(frames, PICTURES).whole)


def from_view(view: View) -> Fingerprint:
    """Of small pictures."""
    lying = view.lying
    return Fingerprint(view.width, view.height, code.codes_of(lying), sketch.draw(lying))
