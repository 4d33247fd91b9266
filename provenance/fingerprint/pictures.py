"""Small pictures of a video's frames: all that the fingerprint looks at."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 96
"""Pixels a side of a small picture, whatever the shape of the frame was."""
_DARK = 24
"""Bars around a picture are no brighter, of 0..255."""
_LEAST = 16
"""Pixels a side that must be left within bars."""

Frames = npt.NDArray[np.uint8]
"""uint8 (N, H, W, 3), RGB."""
Small = npt.NDArray[np.float32]
"""float32 (M, SIDE, SIDE): luma of some frames, 0..255."""
_Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """Small pictures of what was `width` x `height` pixels large."""

    luma: Small
    width: int
    height: int

    @property
    def lying(self) -> Small:
        """The pictures, their axes exchanged where they were taller than wide."""
        return self.luma.swapaxes(1, 2) if self.height > self.width else self.luma


@dataclass(frozen=True)
class Query:
    """What is compared with fingerprints: whole frames, and what dark bars surround in them, None
    where there are no bars."""

    whole: View
    inner: View | None

    @property
    def views(self) -> tuple[View, ...]:
        """What may be a picture of a stored video."""
        return (self.whole,) if self.inner is None else (self.whole, self.inner)


def examine(frames: Frames, most: int = 12, among: Sequence[int] | None = None) -> Query:
    """Look at `most` of the frames or fewer, evenly over time, or over the positions `among` them.

    Raises ValueError for no frames.
    """
    positions = range(len(frames)) if among is None else among
    if not positions:
        raise ValueError("a video without frames has no fingerprint")
    chosen = np.linspace(0, len(positions) - 1, min(most, len(positions))).round().astype(int)
    luma = [_luma(frames[positions[place]]) for place in chosen]
    left, top, right, bottom = _within_bars(luma)
    inner = [each[top:bottom, left:right] for each in luma]
    return Query(_view(luma), None if inner[0].shape == luma[0].shape else _view(inner))


def _luma(frame: npt.NDArray[np.uint8]) -> _Luma:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY), np.uint8)


def _view(luma: Sequence[_Luma]) -> View:
    height, width = luma[0].shape
    small = [cv2.resize(each, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for each in luma]
    return View(np.stack(small).astype(np.float32), width, height)


def _within_bars(luma: Sequence[_Luma]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what no dark bar covers in all the frames."""
    brightest = np.max(luma, axis=0)
    height, width = brightest.shape
    rows = np.flatnonzero(np.percentile(brightest, 98, axis=1) > _DARK)
    columns = np.flatnonzero(np.percentile(brightest, 98, axis=0) > _DARK)
    if min(rows.size, columns.size) < _LEAST:
        return (0, 0, width, height)
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
