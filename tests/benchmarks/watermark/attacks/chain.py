"""Combinations with parameters that no other attack here uses: nothing was tuned on them."""

import cv2
import numpy as np

from .base import Clip, Context, Frame, register
from .codec import av1, h264, h265, still, vp9
from .colour import gamma, noise, tint
from .geometry import crop, on_canvas, resize, rotate, scale
from .overlay import caption, fitted, inset
from .time import single, speed_up, trim


def _small_crop(clip: Clip, _: Context) -> Clip:
    small = h264(clip.each(lambda frame: scale(frame, 0.61)), crf=27)
    return crop(small, 0.88, (0.15, 0.8))


def _stretched(frame: Frame) -> Frame:
    return still(resize(frame, frame.shape[1], round(frame.shape[0] * 1.12)), ".jpg", 60)


def _mirrored_upright(clip: Clip, _: Context) -> Clip:
    return h264(clip.each(lambda frame: np.rot90(np.fliplr(frame))), crf=26)


def _picture_in_picture(clip: Clip, context: Context) -> Clip:
    """40 % of the width at the bottom right of a foreign 640x360 video."""
    width, height = 256, round(256 * clip.size[1] / clip.size[0])
    foreign = fitted(context.foreign, len(clip.frames), 640, 360)
    return h264(inset(foreign, clip, width, height, 640 - width - 12, 360 - height - 12), crf=24)


def _corner(clip: Clip, _: Context) -> Clip:
    return h265(crop(clip, 0.7, (1.0, 0.0)), crf=30)


def _two_services(clip: Clip, _: Context) -> Clip:
    return av1(h264(clip, crf=30).each(lambda frame: scale(frame, 0.8)), crf=40)


def _subtitled(clip: Clip, _: Context) -> Clip:
    return vp9(clip.each(lambda frame: caption(on_canvas(frame, 1280, 720))), crf=38)


def _tilted_square(clip: Clip, _: Context) -> Clip:
    return h264(clip.each(lambda frame: on_canvas(rotate(frame, 7), 640, 640)), crf=25)


def _news_picture(clip: Clip, context: Context) -> Clip:
    part = crop(single(clip, context), 0.8, (0.3, 0.6))
    return part.each(lambda frame: still(frame, ".jpg", 70))


def _faded(clip: Clip, context: Context) -> Clip:
    styled = gamma(noise(clip, context, 7), 1.3).each(lambda frame: tint(frame, 0, 0.4))
    return h264(speed_up(styled, 1.5), crf=28)


def _sheared(clip: Clip, _: Context) -> Clip:
    width, height = clip.size
    shear = np.array([[1, 0.04, -0.02 * height], [0, 1, 0]])
    sheared = clip.each(
        lambda frame: cv2.warpAffine(frame, shear, (width, height), flags=cv2.INTER_CUBIC)
    )
    return h264(sheared, crf=25)


def _short_clip(clip: Clip, context: Context) -> Clip:
    across, down = context.rng.uniform(size=2)
    return crop(h264(trim(clip, context, 2), crf=30), 0.9, (across, down))


_PLAIN = {
    "resize61_h264_27_crop88": _small_crop,
    "rot-3.3_scale115": lambda clip, _: clip.each(lambda frame: scale(rotate(frame, -3.3), 1.15)),
    "stretch112_jpeg60": lambda clip, _: clip.each(_stretched),
    "hflip_rot90_h264_26": _mirrored_upright,
    "pip40_360p_h264_24": _picture_in_picture,
    "corner70_h265_30": _corner,
    "h264_30_resize80_av1_40": _two_services,
    "caption_720p_vp9_38": _subtitled,
    "rot7_square640_h264_25": _tilted_square,
    "single_crop80_jpeg70": _news_picture,
    "noise7_gamma13_speed15_h264_28": _faded,
    "shear4_h264_25": _sheared,
}
for _name, _change in _PLAIN.items():
    register(_name, "chain", "chain", _change)
SHORT_CLIP_SEEDS = 5
for _seed in range(SHORT_CLIP_SEEDS):  # an attack's name seeds its chance
    register(f"trim2s_h264_30_crop10#{_seed}", "chain", "chain", _short_clip)
