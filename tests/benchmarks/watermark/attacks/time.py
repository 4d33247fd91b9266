"""Frames dropped, repeated, mixed, invented, and put in another order."""

from itertools import pairwise

import cv2
import numpy as np

from .base import Clip, Context, Frame, plain, register, rounded
from .overlay import fitted


def drop(clip: Clip, context: Context, share: float = 0.25) -> Clip:
    """Without a random share of the frames."""
    count = len(clip.frames)
    kept = context.rng.choice(count, round(count * (1 - share)), replace=False)
    return clip.showing(clip.frames[np.sort(kept)])


def double(clip: Clip, context: Context, share: float = 0.25) -> Clip:
    """With a random share of the frames shown twice."""
    count = len(clip.frames)
    twice = context.rng.choice(count, int(count * share), replace=False)
    return clip.showing(clip.frames[np.sort(np.concatenate([np.arange(count), twice]))])


def blend_up(clip: Clip) -> Clip:
    """Three times the rate; two of three frames mix their neighbours."""
    values = clip.frames.astype(np.float32)
    first, second = values[:-1], values[1:]
    steps = np.stack([(1 - t) * first + t * second for t in (0, 1 / 3, 2 / 3)], axis=1)
    mixed = np.concatenate([steps.reshape(-1, *values.shape[1:]), values[-1:]])
    return clip.showing(rounded(mixed), speed=3)


def between(first: Frame, second: Frame) -> Frame:
    """The frame halfway between two, by dense optical flow in both directions."""
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    luma = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
    height, width = luma[0].shape
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    total = np.zeros(first.shape, np.float32)
    for frame, near, far in ((first, luma[0], luma[1]), (second, luma[1], luma[0])):
        moved = grid + 0.5 * flow.calc(far, near, None)
        total += cv2.remap(
            frame, moved, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)
    return rounded(total / 2)


def interpolate(clip: Clip) -> Clip:
    """Twice the rate, every other frame made from its neighbours' motion."""
    frames = clip.frames
    shown = [part for a, b in pairwise(frames) for part in (a, between(a, b))]
    return clip.showing(np.stack([*shown, frames[-1]]), speed=2)


def trim(clip: Clip, context: Context, seconds: float) -> Clip:
    """A random stretch of some seconds."""
    count = min(len(clip.frames), max(1, round(seconds * clip.fps)))
    start = int(context.rng.integers(0, len(clip.frames) - count + 1))
    return clip.showing(clip.frames[start : start + count])


def single(clip: Clip, context: Context) -> Clip:
    """One random frame."""
    index = int(context.rng.integers(len(clip.frames)))
    return clip.showing(clip.frames[index : index + 1])


def amid_foreign(clip: Clip, context: Context) -> Clip:
    """Two seconds between foreign scenes."""
    foreign = fitted(context.foreign, len(context.foreign), *clip.size)
    return clip.showing(np.concatenate([foreign, trim(clip, context, 2).frames, foreign]))


def boomerang(clip: Clip) -> Clip:
    """Forwards, then backwards."""
    return clip.showing(np.concatenate([clip.frames, clip.frames[-2::-1]]))


def speed_up(clip: Clip, factor: float) -> Clip:
    """Every `factor`-th frame at the same rate."""
    return clip.showing(clip.frames[np.arange(0, len(clip.frames) - 1e-6, factor).astype(int)])


def repeat(clip: Clip, times: int) -> Clip:
    """Each frame `times` times at a higher rate: the same film."""
    return clip.showing(np.repeat(clip.frames, times, axis=0), speed=times)


register("drop_25", "time", "core", drop)
register("dup_25", "time", "core", double)
register("fps24_dup", "time", "core", plain(repeat, 3))
register("fps24_blend", "time", "core", plain(blend_up))
register("fps16_flow", "time", "hard", plain(interpolate))
register("trim_2s", "time", "core", lambda clip, context: trim(clip, context, 2))
register("trim_1s", "time", "core", lambda clip, context: trim(clip, context, 1))
register("single_frame", "time", "core", single)
register("reverse", "time", "core", plain(lambda clip: clip.showing(clip.frames[::-1])))
register("speed_2x", "time", "core", plain(speed_up, 2))
register(
    "shuffle",
    "time",
    "hard",
    lambda clip, context: clip.showing(context.rng.permutation(clip.frames)),
)
register("boomerang", "time", "core", plain(boomerang))
register("concat_foreign", "time", "core", amid_foreign)
