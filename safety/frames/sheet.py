"""A contact sheet: sampled frames on one picture, for the moderator who decides about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from safety.frames.finding import Finding
from safety.frames.sampling import sampled

_MOST_FRAMES, _COLUMNS = 24, 4
_SIDE, _CAPTION, _EDGE = 312, 20, 4
"""Pixels: the longest side of a frame, the height of its caption, the line around it."""
_PAPER, _INK, _MARK = (255, 255, 255), (0, 0, 0), (200, 0, 0)
_QUALITY = 85
_BLUR = 32

T = TypeVar("T")


@dataclass(frozen=True)
class ContactSheet:
    """`jpeg` has at most 1280 x 2040 pixels. frames: the numbers of those on it, from 0."""

    jpeg: bytes
    frames: list[int]


def contact_sheet(
    frames: NDArray[np.uint8], fps: float, findings: Sequence[Finding]
) -> ContactSheet:
    """At most 24 of the sampled frames of `frames` (N, H, W, 3) RGB with their times, those that
    `findings` name first of all, and marked. Raises ValueError as `sampled`."""
    marked = {found.frame for found in findings if found.frame is not None}
    shown = _shown(sampled(frames, fps), marked)
    tiles = [
        _tile(frames[each], f"{each / fps:.2f} s, frame {each}", each in marked) for each in shown
    ]
    rows = [tiles[start : start + _COLUMNS] for start in range(0, len(tiles), _COLUMNS)]
    blank = np.full_like(tiles[0], _PAPER)
    if len(rows) > 1:
        rows[-1] += [blank] * (_COLUMNS - len(rows[-1]))
    return ContactSheet(_jpeg(np.vstack([np.hstack(row) for row in rows])), shown)


def blurred(jpeg: bytes) -> bytes:
    """The same sheet with a thirty-second of its width and height: what moderators see before they
    ask for more."""
    import cv2

    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise ValueError("the contact sheet cannot be read")
    small = cv2.resize(picture, None, fx=1 / _BLUR, fy=1 / _BLUR, interpolation=cv2.INTER_AREA)
    return _jpeg(np.asarray(small, np.uint8))


def _shown(numbers: list[int], marked: set[int]) -> list[int]:
    first = _evenly(sorted(marked), _MOST_FRAMES)
    others = [each for each in numbers if each not in marked]
    return sorted([*first, *_evenly(others, _MOST_FRAMES - len(first))])


def _evenly(items: list[T], most: int) -> list[T]:
    """From the first to the last."""
    if len(items) <= most:
        return items
    return [items[place] for place in np.linspace(0, len(items) - 1, most).round().astype(int)]


def _tile(frame: NDArray[np.uint8], caption: str, marked: bool) -> NDArray[np.uint8]:
    import cv2  # here, because opencv is slow to load and moderating a prompt does not need it

    height, width = frame.shape[:2]
    scale = min(_SIDE / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(np.asarray(frame), size, interpolation=cv2.INTER_AREA)
    edges = (_EDGE, _EDGE, _EDGE, _EDGE)
    colour = _MARK if marked else _PAPER
    tile = cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=colour)
    tile = cv2.copyMakeBorder(tile, 0, _CAPTION, 0, 0, cv2.BORDER_CONSTANT, value=_PAPER)
    text = f"{caption}: finding" if marked else caption
    place = (_EDGE, len(tile) - _CAPTION // 4)
    cv2.putText(tile, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, _INK, 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    import cv2

    written, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    if not written:
        raise RuntimeError("the contact sheet could not be written")
    return jpeg.tobytes()
