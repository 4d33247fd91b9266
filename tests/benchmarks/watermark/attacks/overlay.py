"""Logos, captions, stickers, and pictures within pictures."""

import cv2
import numpy as np

from .base import Clip, Context, Frame, Frames, framewise, register
from .geometry import resize


def _write(frame: Frame, text: str, baseline: float, size: float) -> None:
    """White letters with a black rim."""
    at = (int(20 * size), int(baseline))
    for colour, thickness in (((0, 0, 0), int(5 * size) + 1), ((255,) * 3, int(2 * size) + 1)):
        cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thickness, cv2.LINE_AA)


def logo(frame: Frame) -> Frame:
    """A coloured square with a white disc, 22 % of the shorter side, in the top right corner."""
    result = frame.copy()
    side = int(min(frame.shape[:2]) * 0.22)
    right = frame.shape[1] - 10
    result[10 : 10 + side, right - side : right] = (230, 30, 60)
    centre = (right - side // 2, 10 + side // 2)
    cv2.circle(result, centre, side // 3, (255, 255, 255), -1, cv2.LINE_AA)
    return result


def text(frame: Frame) -> Frame:
    """A user name across the middle."""
    result = frame.copy()
    height = frame.shape[0]
    _write(result, "@some_user_name", height * 0.55, height / 300)
    return result


def caption(frame: Frame) -> Frame:
    """A black bar with words over the lowest 15 %."""
    result = frame.copy()
    height = frame.shape[0]
    result[int(height * 0.85) :] = 0
    _write(result, "WATCH UNTIL THE END", height * 0.95, height / 400)
    return result


def sticker(frame: Frame) -> Frame:
    """A flat rectangle over the middle quarter of the area."""
    result = frame.copy()
    height, width = frame.shape[:2]
    result[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = (250, 240, 90)
    return result


def fitted(foreign: Frames, count: int, width: int, height: int) -> Frames:
    """`count` foreign frames of that size, from the start again where they run out."""
    sized = np.stack([resize(frame, width, height) for frame in foreign[:count]])
    return sized[np.arange(count) % len(sized)]


def inset(background: Frames, inner: Clip, width: int, height: int, left: int, top: int) -> Clip:
    """`inner` at a size and place in pixels over the background."""
    frames = background.copy()
    sized = inner.each(lambda frame: resize(frame, width, height))
    frames[:, top : top + height, left : left + width] = sized.frames
    return inner.showing(frames)


def foreign_on_ours(clip: Clip, context: Context) -> Clip:
    """A foreign video over a ninth of the picture, bottom right."""
    width, height = clip.size
    third = clip.showing(fitted(context.foreign, len(clip.frames), width // 3, height // 3))
    left, top = width - width // 3 - 10, height - height // 3 - 10
    return inset(clip.frames, third, width // 3, height // 3, left, top)


def ours_on_foreign(clip: Clip, context: Context) -> Clip:
    """Half size within a foreign 1280x720 video."""
    width, height = clip.size
    background = fitted(context.foreign, len(clip.frames), 1280, 720)
    return inset(background, clip, width // 2, height // 2, 60, 40)


def side_by_side(clip: Clip, context: Context) -> Clip:
    """Full size to the left of a foreign video: the reaction layout."""
    foreign = fitted(context.foreign, len(clip.frames), *clip.size)
    return clip.showing(np.concatenate([clip.frames, foreign], axis=2))


register("overlay_logo", "overlay", "core", framewise(logo))
register("overlay_text", "overlay", "core", framewise(text))
register("overlay_caption", "overlay", "core", framewise(caption))
register("overlay_sticker25", "overlay", "hard", framewise(sticker))
register("overlay_all", "overlay", "hard", framewise(lambda frame: caption(text(logo(frame)))))
register("pip_foreign_on_ours", "overlay", "core", foreign_on_ours)
register("pip_ours_on_foreign", "overlay", "hard", ours_on_foreign)
register("side_by_side", "overlay", "hard", side_by_side)
