"""The parts of a picture whose hashes are listed with its own, so that a frame that shows no more
of it is found too: a PDQ hash itself survives a crop of 3 %, not of 5 %."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_MIDDLES = (0.05, 0.10, 0.15, 0.20)
_SIDES = (0.05, 0.10)
"""Shares of the width and height that are cut off; steps of 5 % leave nothing between them."""


def parts(picture: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Twelve parts of an RGB picture (H, W, 3), each with what was cut off: evenly all around, or
    one of the sides."""
    for cut in _MIDDLES:
        half = cut / 2
        yield f"cut {cut:.0%} around", _cut(picture, half, half, half, half)
    for cut in _SIDES:
        yield f"cut {cut:.0%} at the left", _cut(picture, cut, 0, 0, 0)
        yield f"cut {cut:.0%} at the top", _cut(picture, 0, cut, 0, 0)
        yield f"cut {cut:.0%} at the right", _cut(picture, 0, 0, cut, 0)
        yield f"cut {cut:.0%} at the bottom", _cut(picture, 0, 0, 0, cut)


def _cut(
    picture: NDArray[np.uint8], left: float, top: float, right: float, bottom: float
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    return picture[
        round(height * top) : round(height * (1 - bottom)),
        round(width * left) : round(width * (1 - right)),
    ]
