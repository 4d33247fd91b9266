"""The perceptual hash PDQ: 256 bits that survive re-encoding and scaling.

Source: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019),
and the reference implementation in facebook/ThreatExchange (BSD); a test compares hashes made by
the latter. Hashes of turned and mirrored pictures follow from one transform.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 256
_SIDE, _FREQUENCIES = 64, 16
_LUMA = np.array([0.299, 0.587, 0.114])
_SMALLEST = 5
"""Pixels a side; the reference hashes nothing smaller."""
_rows, _columns = np.arange(1, _FREQUENCIES + 1)[:, None], np.arange(_SIDE)[None]
_DCT = np.sqrt(2 / _SIDE) * np.cos(np.pi / (2 * _SIDE) * _rows * (2 * _columns + 1))
_ODD = np.where(_rows % 2 == 1, -1.0, 1.0)
"""Mirroring an axis turns the sign of its odd frequencies."""


@dataclass(frozen=True)
class PdqHash:
    """`views` are hashes, (8, 256) of 0 and 1: the picture, then turned and mirrored. quality:
    0..100, how much there is to see; Meta matches nothing below 50."""

    views: NDArray[np.uint8]
    quality: int

    @property
    def hex(self) -> str:
        """The picture's own hash, 64 digits, as Meta's tools write it."""
        return to_hex(self.views[0])


def pdq(picture: NDArray[np.uint8]) -> PdqHash:
    """Hash an RGB picture (H, W, 3). Raises ValueError if a side is under 5 pixels."""
    if picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape[:2]) < _SMALLEST:
        raise ValueError(f"pictures must be (H,W,3) and 5 pixels a side, not {picture.shape}")
    small = _downsampled(picture @ _LUMA)
    spectrum = _DCT @ small @ _DCT.T
    views = [
        (turned > np.partition(turned, BITS // 2 - 1, axis=None)[BITS // 2 - 1]).ravel()
        for turned in _turned(spectrum)
    ]
    return PdqHash(np.array(views, np.uint8), _quality(small))


def to_hex(bits: NDArray[np.uint8]) -> str:
    """64 digits; the lowest frequency comes last."""
    return np.packbits(bits[::-1]).tobytes().hex()


def from_hex(digits: str) -> NDArray[np.uint8]:
    """The bits of a hash. Raises ValueError unless it is 64 hexadecimal digits."""
    if len(digits) != BITS // 4:
        raise ValueError(f"a PDQ hash is 64 hexadecimal digits, not {len(digits)} characters")
    return np.unpackbits(np.frombuffer(bytes.fromhex(digits), np.uint8))[::-1]


def _downsampled(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    """To 64x64: a tent filter, made of two boxes, then the pixel at the middle of each block."""
    height, width = luma.shape
    for _ in range(2):
        luma = _box(_box(luma.T, width).T, height)
    middles = np.arange(_SIDE) + 0.5
    rows, columns = (middles * height / _SIDE).astype(int), (middles * width / _SIDE).astype(int)
    return luma[np.ix_(rows, columns)]


def _box(luma: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The mean of what lies around each row, over half a block, cut off at the edges."""
    window = -(-length // (2 * _SIDE))
    behind = window // 2
    places = np.arange(length)
    first = np.maximum(places - (window - 1 - behind), 0)
    last = np.minimum(places + behind + 1, length)
    total = np.concatenate([np.zeros_like(luma[:1]), np.cumsum(luma, axis=0)])
    return np.asarray((total[last] - total[first]) / (last - first)[:, None])


def _turned(spectrum: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    mirrored = [
        spectrum * down * across
        for down in (np.ones_like(_ODD), _ODD)
        for across in (np.ones_like(_ODD.T), _ODD.T)
    ]
    return [*mirrored, *(each.T for each in mirrored)]


def _quality(small: NDArray[np.float64]) -> int:
    """The sum of the gradients that matter; the reference's constants."""
    steps = sum(
        int(np.abs(np.trunc(np.diff(small, axis=axis) * 100 / 255)).sum()) for axis in (0, 1)
    )
    return min(steps // 90, 100)
