"""Colour filters, noise, and the filters of picture editors."""

import cv2
import numpy as np

from .base import Clip, Context, Frame, framewise, plain, register, rounded


def linear(clip: Clip, gain: float, offset: float = 0.0) -> Clip:
    """gain * value + offset, in grey levels."""
    return _by_table(clip, gain * np.arange(256) + offset)


def gamma(clip: Clip, exponent: float) -> Clip:
    """255 (value / 255)^exponent."""
    return _by_table(clip, 255 * (np.arange(256) / 255) ** exponent)


def _by_table(clip: Clip, table: np.ndarray) -> Clip:
    return clip.showing(rounded(table)[clip.frames])


def tint(frame: Frame, hue_degrees: float = 0.0, saturation: float = 1.0) -> Frame:
    """Hue turned and saturation multiplied."""
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV).astype(np.int32)
    hsv[..., 0] = (hsv[..., 0] + round(hue_degrees / 2)) % 180  # OpenCV counts two degrees
    hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 255)
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)


def grey(frame: Frame) -> Frame:
    """Luma alone."""
    return cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def warm(frame: Frame) -> Frame:
    """The warm filter of photo apps."""
    gain = np.array([1.12, 1.02, 0.85], np.float32)
    return rounded(frame * gain + np.array([8, 4, 0], np.float32))


def wrong_matrix(frame: Frame) -> Frame:
    """Encoded as BT.601, shown as BT.709: what players often mix up."""
    luma, red, blue = cv2.split(cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb).astype(np.float32))
    red, blue = red - 128, blue - 128
    shown = (luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue)
    return rounded(cv2.merge(shown))


def noise(clip: Clip, context: Context, deviation: float) -> Clip:
    """Gaussian noise of a standard deviation in grey levels, another in every frame."""

    def noisy(frame: Frame) -> Frame:
        return rounded(frame + context.rng.normal(0, deviation, frame.shape))

    return clip.each(noisy)


def blur(frame: Frame, sigma: float) -> Frame:
    """Gaussian blur; sigma in pixels."""
    return cv2.GaussianBlur(frame, (0, 0), sigma)


def sharpen(frame: Frame, amount: float, sigma: float = 1.0) -> Frame:
    """Unsharp masking: `amount` times the difference from a blur, added."""
    values = frame.astype(np.float32)
    return rounded(values + amount * (values - cv2.GaussianBlur(values, (0, 0), sigma)))


register("bright_120", "colour", "core", plain(linear, 1.2))
register("bright_p40", "colour", "core", plain(linear, 1.0, 40))
register("bright_60", "colour", "core", plain(linear, 0.6))
register("contrast_70", "colour", "core", plain(linear, 0.7, 38))
register("contrast_130", "colour", "core", plain(linear, 1.3, -38))
register("gamma_07", "colour", "core", plain(gamma, 0.7))
register("gamma_15", "colour", "core", plain(gamma, 1.5))
register("sat_150", "colour", "core", framewise(tint, saturation=1.5))
register("gray", "colour", "core", framewise(grey))
register("hue_20deg", "colour", "core", framewise(tint, 20))
register("hue_60deg", "colour", "hard", framewise(tint, 60))
register("warm_filter", "colour", "core", framewise(warm))
register("bt601_as_709", "colour", "core", framewise(wrong_matrix))
register("invert", "colour", "extreme", plain(lambda clip: clip.showing(255 - clip.frames)))

register("noise_5", "noise", "core", lambda clip, context: noise(clip, context, 5))
register("noise_10", "noise", "core", lambda clip, context: noise(clip, context, 10))
register("noise_20", "noise", "hard", lambda clip, context: noise(clip, context, 20))
register("blur_1", "noise", "core", framewise(blur, 1.0))
register("blur_2", "noise", "hard", framewise(blur, 2.0))
register("sharpen", "noise", "core", framewise(sharpen, 1.0))
register("median_3", "noise", "core", framewise(cv2.medianBlur, 3))
register("median_5", "noise", "hard", framewise(cv2.medianBlur, 5))
register("posterize_5bit", "noise", "core", plain(lambda clip: clip.showing(clip.frames & 0xF8)))
