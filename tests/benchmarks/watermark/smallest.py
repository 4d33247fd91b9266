"""The smallest picture and the flattest content whose id survives."""

import cv2
import numpy as np

from . import attacks, clips, drawn, marks
from .attacks import Frame, Frames
from .markdown import table
from .options import Options
from .results import Row, Task, our_version
from .robustness import answer

SECTION = "smallest"
SIDES = (128, 144, 160, 192, 224, 256, 320)
SMALL_ATTACKS = ("none", "h264_23", "h264_28")
FLAT_ATTACKS = ("none", "h264_18", "h264_23", "h264_28", "h264_33")


def plain(_: float) -> Frame:
    """Nothing but one colour."""
    return np.full((128, 192, 3), (120, 132, 140), np.uint8)


def circle(time: float) -> Frame:
    """A circle that moves over plain ground."""
    frame = plain(time)
    at = (round((40 + 110 * time) * 16), 64 * 16)
    cv2.circle(frame, at, 26 * 16, (214, 92, 64), -1, cv2.LINE_AA, shift=4)
    return frame


def shaded(time: float) -> Frame:
    """The circle on a gradient."""
    slope = np.linspace(-24, 24, 128)[:, None, None]
    return np.clip(circle(time) + slope, 0, 255).astype(np.uint8)


def grainy(time: float) -> Frame:
    """The circle with noise of two grey levels."""
    grain = np.random.default_rng(round(1000 * time)).normal(0, 2, (128, 192, 1))
    return np.clip(np.rint(circle(time) + grain), 0, 255).astype(np.uint8)


FLAT = {"one colour": plain, "circle": circle, "circle, gradient": shaded, "circle, grain": grainy}


def tasks(options: Options) -> list[Task]:
    """Squares of natural clips, and flat pictures."""
    small = [
        Task(SECTION, f"square/{clip}/{side}", our_version(), measure_square, (clip, side))
        for clip in options.natural
        for side in (SIDES[::3] if options.quick else SIDES)
    ]
    flat = [Task(SECTION, f"flat/{name}", our_version(), measure_flat, (name,)) for name in FLAT]
    return small + flat


def measure_square(clip: str, side: int) -> Row:
    """A clip's central square, scaled to a side in pixels and then marked."""
    frames = clips.load(clip)
    left = (frames.shape[2] - frames.shape[1]) // 2
    square = frames[:, :, left : left + frames.shape[1]]
    small = np.stack([cv2.resize(f, (side, side), interpolation=cv2.INTER_AREA) for f in square])
    return {"kind": "square", "clip": clip, "side": side, **_answers(small, SMALL_ATTACKS)}


def measure_flat(name: str) -> Row:
    """Flat content, 49 frames of 192x128 pixels enlarged to 720x480 as previews are."""
    size = (drawn.WIDTH, drawn.HEIGHT)
    moments = np.linspace(0, 1, drawn.COUNT)
    frames = np.stack(
        [cv2.resize(FLAT[name](t), size, interpolation=cv2.INTER_CUBIC) for t in moments]
    )
    return {"kind": "flat", "content": name, **_answers(frames, FLAT_ATTACKS)}  # fmt: skip


def _answers(frames: Frames, names: tuple[str, ...]) -> Row:
    from provenance.watermark import embed

    mark_id = marks.mark_id("smallest")
    marked = attacks.Clip(embed(frames, mark_id, marks.KEY), clips.FPS)
    found = [answer(attacks.apply(name, marked, frames).frames, mark_id) for name in names]
    return {
        "exact": [row["exact"] for row in found],
        "present": [row["present"] for row in found],
        "wrong": any(row["wrong"] for row in found),
        "bounds": [row["log10_false_positive"] for row in found],
    }


def summary(rows: list[Row]) -> str:
    """Exact ids by side and by content."""
    squares = [row for row in rows if row["kind"] == "square"]
    lines = []
    for side in sorted({row["side"] for row in squares}):
        own = [row for row in squares if row["side"] == side]
        counts = np.sum([row["exact"] for row in own], axis=0)
        worst = max(row["bounds"][-1] for row in own)
        lines.append(
            (f"{side} x {side}", *(f"{n} of {len(own)}" for n in counts), f"1e{worst:.0f}")
        )
    flat = [
        (row["content"], *_words(row["exact"], row["present"]))
        for row in rows
        if row["kind"] == "flat"
    ]
    return (
        "The central square of each natural clip, scaled, marked, compressed: clips whose id came "
        "back.\n\n"
        f"{table(('square', *SMALL_ATTACKS, 'weakest bound at crf 28'), lines)}\n\n"
        "Flat content drawn at 192x128, enlarged to 720x480, marked, compressed:\n\n"
        f"{table(('content', *FLAT_ATTACKS), flat)}"
    )


def _words(exact: list[bool], present: list[bool]) -> list[str]:
    answers = zip(exact, present, strict=True)
    return ["id" if id_back else "presence" if seen else "none" for id_back, seen in answers]
