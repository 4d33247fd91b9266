"""A label that everybody sees: a line of text burnt into a corner of every frame.

GB 45438-2025 §5 asks for letters at least as high as a twentieth of the picture's shorter side.
"""

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from generator.base import Frames, GeneratorError

if TYPE_CHECKING:  # at run time only where something is drawn: settings know of corners, too
    from PIL import ImageFont

Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]

_HEIGHT = 1 / 20  # of the shorter side
_MARGIN = 1 / 50
_BACKGROUND = 0.55  # how much of the picture behind the letters is darkened away
_TRIED_SIZE = 100
_NO_CHARACTER = "\U0010ffff"


def burn_in(frames: Frames, text: str, corner: Corner, font: Path | None = None) -> Frames:
    """A copy of `frames`, uint8 RGB (N, H, W, 3), with `text` in white on a dark field.

    `font` is a TrueType file, or None for the one that Pillow brings, which has Latin letters.
    Raises GeneratorError for what `check` refuses, and for pictures that are too narrow.
    """
    check(text, font)
    field = _field(text, font, *frames.shape[1:3])
    height, width = field.shape
    margin = ceil(_MARGIN * min(frames.shape[1:3]))
    top = margin if corner.startswith("top") else frames.shape[1] - margin - height
    left = margin if corner.endswith("left") else frames.shape[2] - margin - width
    labelled = frames.copy()
    place = labelled[:, top : top + height, left : left + width]
    shade = (1 - field) * (1 - _BACKGROUND)
    place[:] = np.rint(place * shade[..., None] + 255 * field[..., None]).astype(np.uint8)
    return labelled


def check(text: str, font: Path | None = None) -> None:
    """Raises GeneratorError for a font that cannot be read, or that lacks letters of `text`."""
    drawn = _font(font, _TRIED_SIZE)
    if not text.strip():
        raise GeneratorError("The visible label has no text.")
    missing = bytes(drawn.getmask(_NO_CHARACTER))
    for letter in text:
        if not letter.isspace() and bytes(drawn.getmask(letter)) == missing:
            raise GeneratorError(f"The font of the visible label has no {letter!r}; name another.")


def _field(text: str, font: Path | None, height: int, width: int) -> NDArray[np.float32]:
    """How white every pixel of the label is, float32 (h, w), 0..1."""
    from PIL import Image, ImageDraw

    target = ceil(_HEIGHT * min(height, width))
    _, top, _, bottom = _font(font, _TRIED_SIZE).getbbox(text)
    letters = _font(font, ceil(target * _TRIED_SIZE / (bottom - top)))
    left, top, right, bottom = (round(side) for side in letters.getbbox(text))
    pad = target // 2
    size = (right - left + 2 * pad, bottom - top + 2 * pad)
    if size[0] > width * (1 - 2 * _MARGIN):
        raise GeneratorError(f"The visible label {text!r} does not fit into {width} pixels.")
    picture = Image.new("L", size)
    ImageDraw.Draw(picture).text((pad - left, pad - top), text, fill=255, font=letters)
    return (np.asarray(picture) / 255).astype(np.float32)


def _font(font: Path | None, size: int) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont

    try:
        drawn = ImageFont.load_default(size) if font is None else ImageFont.truetype(font, size)
    except OSError as error:
        raise GeneratorError(f"{font} is no font that can be read: {error}") from error
    if not isinstance(drawn, ImageFont.FreeTypeFont):
        raise GeneratorError("This Pillow has no FreeType: name a TrueType font.")
    return drawn
