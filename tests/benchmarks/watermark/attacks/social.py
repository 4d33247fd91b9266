"""What platforms, messengers, screen recorders and cameras do to a video, step after step."""

import cv2
import numpy as np

from .base import Clip, Context, register, rounded
from .codec import h264, h265
from .colour import blur, warm
from .geometry import crop, crop_anywhere, on_canvas, perspective, resize
from .overlay import logo, text
from .time import repeat, speed_up


def screen_recording(clip: Clip, _: Context) -> Clip:
    """The player's window at 137 %, recorded at 1280x720."""
    width, height = clip.size
    shown = clip.each(
        lambda frame: on_canvas(resize(frame, width * 1.37, height * 1.37), 1280, 720)
    )
    return h264(shown, crf=28)


def camera(
    clip: Clip,
    context: Context,
    *,
    tilt: float,
    noise: float,
    moire: float,
    crf: int,
    scale: float,
) -> Clip:
    """A screen filmed by hand: enlarged, tilted (see `perspective`), moire of a relative amplitude,
    vignette, shake of 0.4 pixels, blur, the camera's curve and warm white, noise in grey levels."""
    rng = context.rng
    width, height = clip.size
    large = clip.each(lambda frame: resize(frame, width * scale, height * scale))
    large = perspective(large, context, tilt)
    width, height = large.size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.3, 4.5)
    phase = 2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period
    vignette = 1 - 0.24 * ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2)
    light = ((1 + moire * np.sin(phase)) * vignette)[..., None].astype(np.float32)

    def film(frame: np.ndarray) -> np.ndarray:
        shake = np.array([[1, 0, rng.normal(0, 0.4)], [0, 1, rng.normal(0, 0.4)]], np.float32)
        held = cv2.warpAffine(
            frame, shake, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        seen = np.clip(blur(held, 0.8).astype(np.float32) * light / 255, 0, 1)
        curved = 255 * seen**0.9 * np.array([1.02, 1.0, 0.95], np.float32)
        return rounded(curved + rng.normal(0, noise, curved.shape))

    return h264(large.each(film), crf=crf)


def small_post(clip: Clip, context: Context) -> Clip:
    """Cropped to 95 %, 640x426, crf 30."""
    part = crop_anywhere(clip, context, 0.95)
    return h264(part.each(lambda frame: resize(frame, 640, 426)), crf=30)


def upscaled_post(clip: Clip, _: Context) -> Clip:
    """720 lines, three times the rate, crf 28, fast preset."""
    large = clip.each(lambda frame: resize(frame, 1080, 720))
    return h264(repeat(large, 3), crf=28, preset="veryfast")


def vertical_post(clip: Clip, _: Context) -> Clip:
    """576x1024 amid its own blur, a user name on top, crf 28."""
    tall = clip.each(lambda frame: text(on_canvas(frame, 576, 1024, blurred=True)))
    return h264(tall, crf=28)


def messenger(clip: Clip, _: Context) -> Clip:
    """480x320 at 150 kbit/s."""
    small = clip.each(lambda frame: resize(frame, 480, 320))
    return h264(small, bit_rate=150_000, preset="veryfast")


def repost(clip: Clip, context: Context) -> Clip:
    """crf 28, then cropped to 90 % with logo and filter at 640x426 and crf 30, then H.265 30."""
    part = crop_anywhere(h264(clip, crf=28), context, 0.9)
    styled = part.each(lambda frame: resize(warm(logo(frame)), 640, 426))
    return h265(h264(styled, crf=30), crf=30)


def disguised(clip: Clip, context: Context) -> Clip:
    """The re-uploader's trick: mirrored, zoomed by 8 %, a quarter faster, crf 28."""
    mirrored = clip.showing(clip.frames[:, :, ::-1])
    across, down = context.rng.uniform(size=2)
    return h264(speed_up(crop(mirrored, 1 / 1.08, (across, down), back=True), 1.25), crf=28)


register("screenrec", "social", "core", screen_recording)
register(
    "screencap_mild",
    "social",
    "hard",
    lambda clip, context: camera(clip, context, tilt=0.01, noise=2, moire=0.015, crf=26, scale=1.3),
)
register(
    "screencap_hard",
    "social",
    "extreme",
    lambda clip, context: camera(clip, context, tilt=0.05, noise=5, moire=0.04, crf=30, scale=1.1),
)
register("social_480p", "social", "core", small_post)
register("social_upscale", "social", "core", upscaled_post)
register("social_vertical", "social", "hard", vertical_post)
register("social_messenger", "social", "hard", messenger)
register("social_repost", "social", "hard", repost)
register("social_flip_zoom", "social", "hard", disguised)
