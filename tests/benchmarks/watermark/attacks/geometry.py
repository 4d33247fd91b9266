"""Changes of size, crops, bars, turns and warps."""

import cv2
import numpy as np

from .base import Clip, Context, Frame, framewise, plain, register


def resize(frame: Frame, width: float, height: float) -> Frame:
    """A frame at another size in pixels: area mean to shrink, cubic to enlarge."""
    method = cv2.INTER_AREA if width < frame.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(frame, (int(width), int(height)), interpolation=method)


def scale(frame: Frame, factor: float) -> Frame:
    """Both sides times a factor, rounded to even numbers."""
    height, width = frame.shape[:2]
    return resize(frame, 2 * round(width * factor / 2), 2 * round(height * factor / 2))


def to_height(frame: Frame, height: int) -> Frame:
    """Another height in pixels at the same shape, of even width."""
    return resize(frame, 2 * round(frame.shape[1] * height / frame.shape[0] / 2), height)


def down_up(frame: Frame, factor: float) -> Frame:
    """Shrunk and enlarged again."""
    height, width = frame.shape[:2]
    return resize(resize(frame, int(width * factor), int(height * factor)), width, height)


def jitter(clip: Clip, context: Context) -> Clip:
    """Any size from 85 to 120 %, linear interpolation."""
    factor = context.rng.uniform(0.85, 1.2)
    return clip.each(lambda frame: cv2.resize(frame, None, fx=factor, fy=factor))


def cut(clip: Clip, width: int, height: int, at: tuple[float, float], *, back: bool) -> Clip:
    """A part of the picture in pixels. at: how far along the free space to the right and down,
    0..1. back: enlarged to the former size."""
    full_width, full_height = clip.size
    left, top = round((full_width - width) * at[0]), round((full_height - height) * at[1])
    part = clip.showing(clip.frames[:, top : top + height, left : left + width])
    return part.each(lambda frame: resize(frame, full_width, full_height)) if back else part


def crop(
    clip: Clip, kept: float, at: tuple[float, float] = (0.5, 0.5), *, back: bool = False
) -> Clip:
    """Keep a share of each side; see `cut`."""
    width, height = clip.size
    return cut(clip, round(width * kept), round(height * kept), at, back=back)


def crop_anywhere(clip: Clip, context: Context, kept: float, *, back: bool = False) -> Clip:
    """Keep a share of each side, at a random place."""
    across, down = context.rng.uniform(size=2)
    return crop(clip, kept, (across, down), back=back)


def crop_to_shape(clip: Clip, ratio: float) -> Clip:
    """The largest centred part of a ratio of width to height."""
    width, height = clip.size
    if height * ratio <= width:
        width = round(height * ratio)
    else:
        height = round(width / ratio)
    return cut(clip, width, height, (0.5, 0.5), back=False)


def zoom_drift(clip: Clip, growth: float = 0.15) -> Clip:
    """A slow zoom and pan from the top right: another geometry in each frame."""
    frames = []
    for index in range(len(clip.frames)):
        progress = index / max(1, len(clip.frames) - 1)
        one = clip.showing(clip.frames[index : index + 1])
        moved = crop(one, 1 / (1 + growth * progress), (1 - progress, progress), back=True)
        frames.append(moved.frames[0])
    return clip.showing(np.stack(frames))


def on_canvas(frame: Frame, width: int, height: int, *, blurred: bool = False) -> Frame:
    """The whole frame, as large as fits, amid black or amid a dark blur of itself."""
    own_height, own_width = frame.shape[:2]
    fit = min(width / own_width, height / own_height)
    inner_width, inner_height = round(own_width * fit), round(own_height * fit)
    canvas = np.zeros((height, width, 3), np.uint8)
    if blurred:
        fill = max(width / own_width, height / own_height)
        large = resize(frame, round(own_width * fill), round(own_height * fill))
        top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
        small = resize(large[top : top + height, left : left + width], width // 8, height // 8)
        canvas = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3), (width, height)) // 2
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    inner = frame if fit == 1 else resize(frame, inner_width, inner_height)
    canvas[top : top + inner_height, left : left + inner_width] = inner
    return canvas


def rotate(frame: Frame, degrees: float, zoom: float = 1.0) -> Frame:
    """Turned counter-clockwise about the centre and enlarged; black where nothing is."""
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    return cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_CUBIC)


def rotate_to_fit(frame: Frame, degrees: float) -> Frame:
    """Turned and enlarged until no black corner shows."""
    height, width = frame.shape[:2]
    angle = np.deg2rad(abs(degrees))
    zoom = np.cos(angle) + max(width / height, height / width) * np.sin(angle)
    return rotate(frame, degrees, zoom)


def perspective(clip: Clip, context: Context, amount: float) -> Clip:
    """Each corner moved inwards by up to `amount` of the sides."""
    width, height = clip.size
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    inwards = 1 - 2 * corners
    moved = corners + inwards * context.rng.uniform(0, amount, (4, 2))
    size = np.array([width, height], np.float32)
    matrix = cv2.getPerspectiveTransform(corners * size, (moved * size).astype(np.float32))
    return clip.each(
        lambda frame: cv2.warpPerspective(frame, matrix, (width, height), flags=cv2.INTER_CUBIC)
    )


for _name, _factor in (("75", 0.75), ("50", 0.5)):
    register(f"resize_{_name}", "resize", "core", framewise(scale, _factor))
register("resize_33", "resize", "hard", framewise(scale, 1 / 3))
register("resize_1080p", "resize", "core", framewise(to_height, 1080))
register("resize_jitter", "resize", "core", jitter)
register("stretch_16x9", "resize", "core", framewise(resize, 854, 480))
register("stretch_4x3", "resize", "hard", framewise(resize, 640, 480))
register("down_up_50", "resize", "core", framewise(down_up, 0.5))


def _register_crops() -> None:
    for percent in (90, 75, 50):
        tier, kept = ("hard" if percent == 50 else "core"), percent / 100

        def anywhere(clip: Clip, context: Context, kept: float = kept) -> Clip:
            return crop_anywhere(clip, context, kept)

        def and_back(clip: Clip, context: Context, kept: float = kept) -> Clip:
            return crop_anywhere(clip, context, kept, back=True)

        register(f"crop_{percent}c", "crop", tier, plain(crop, kept))
        register(f"crop_{percent}r", "crop", tier, anywhere)
        register(f"crop_{percent}r_back", "crop", tier, and_back)


_register_crops()
register("crop_square", "crop", "core", plain(crop_to_shape, 1.0))
register("crop_9x16", "crop", "hard", plain(crop_to_shape, 9 / 16))
register("zoom_105", "crop", "core", plain(crop, 1 / 1.05, back=True))
register("zoom_drift", "crop", "hard", plain(zoom_drift))

register("letterbox_1x1", "frame", "core", framewise(on_canvas, 720, 720))
register("pillarbox_16x9", "frame", "core", framewise(on_canvas, 854, 480))
register("pillarbox_1080p", "frame", "core", framewise(on_canvas, 1920, 1080))
register("blurbox_9x16", "frame", "hard", framewise(on_canvas, 720, 1280, blurred=True))

register("rot_1", "rotate", "core", framewise(rotate, 1))
register("rot_2", "rotate", "core", framewise(rotate, 2))
register("rot_5", "rotate", "hard", framewise(rotate, 5))
register("rot_2_fit", "rotate", "hard", framewise(rotate_to_fit, 2))
register("rot_90", "rotate", "core", framewise(np.rot90))
register("rot_180", "rotate", "core", framewise(np.rot90, 2))
register("hflip", "rotate", "core", framewise(np.fliplr))
register("vflip", "rotate", "hard", framewise(np.flipud))
register("perspective_3", "rotate", "hard", lambda clip, context: perspective(clip, context, 0.03))
register(
    "perspective_8", "rotate", "extreme", lambda clip, context: perspective(clip, context, 0.08)
)
