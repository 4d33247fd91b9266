"""Many clips on one picture."""

import textwrap
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from generator.base import Frames

_COLUMNS = 5
_GAP = 4
_LINE = 16
_PAPER = 255
_CHARACTERS = 135
"""That fit on a line."""


def thumbnails(frames: Frames) -> Frames:
    """Five frames, uint8 (5, H, W, 3), from the first to the last."""
    return np.take(frames, np.linspace(0, len(frames) - 1, _COLUMNS).round().astype(int), axis=0)


def write(path: Path, rows: Iterable[tuple[Frames, tuple[str, ...]]]) -> None:
    """Write a JPEG with a row for each clip's `thumbnails` and ASCII text beneath."""
    sheet = np.concatenate([_row(frames, lines) for frames, lines in rows])
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def _row(frames: Frames, lines: tuple[str, ...]) -> Frames:
    pictures = np.pad(
        frames, ((0, 0), (_GAP, 0), (0, _GAP), (0, 0)), mode="constant", constant_values=_PAPER
    )
    strip = np.concatenate(list(pictures), axis=1)
    lines = tuple(part for line in lines for part in textwrap.wrap(line, _CHARACTERS))
    margin = np.full((_LINE * len(lines) + _GAP, strip.shape[1], 3), _PAPER, np.uint8)
    for index, line in enumerate(lines):
        place = (2, _LINE * (index + 1) - 4)
        cv2.putText(margin, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([strip, margin])
