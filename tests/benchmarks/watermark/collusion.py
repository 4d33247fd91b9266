"""What `detect` says of videos made by people who hold several marked ones."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from . import attacks, clips, marks, metrics
from .attacks import Frames, several
from .markdown import table
from .options import Options
from .results import Row, Task, our_version

SECTION = "collusion"
COPIES = 5
DONORS = 20
"""Marked videos that an averaging attacker holds."""
MERGES: dict[str, Callable[[list[Frames]], Frames]] = {
    "mean": several.mean,
    "median": several.median,
    "mosaic": several.mosaic,
}
AFTER = ("none", "h264_23", "resize_75")


def tasks(options: Options) -> list[Task]:
    """Collusion on each clip, forgery on each foreign clip, removal on each marked one."""
    plan: dict[str, tuple[Callable[..., Row], tuple[str, ...]]] = {}
    for clip in options.natural:
        plan |= {f"collusion/{clip}/{merge}": (collude, (clip, merge)) for merge in MERGES}
        plan |= {f"removal/{clip}/{how}": (remove, (clip, how)) for how in ("blind", "paired")}
    for clip in clips.clean():
        plan |= {
            f"forgery/{clip}/{how}": (forge, (clip, how))
            for how in ("one video", "one pair", "blind", "paired")
        }
    version = our_version()
    return [Task(SECTION, case, version, measure, args) for case, (measure, args) in plan.items()]


def collude(clip: str, merge: str) -> Row:
    """Five copies with different ids merged into one, as it is and changed again."""
    merged = MERGES[merge]([marks.marked(clip, copy=copy) for copy in range(1, COPIES + 1)])
    ids = {marks.mark_id(clip, copy) for copy in range(1, COPIES + 1)}
    return {"attack": f"{merge} of {COPIES} copies", **_answers(merged, ids, clips.load(clip))}


def forge(clip: str, how: str) -> Row:
    """A mark taken from other videos and put on a foreign one."""
    residual, ids = _stolen(how)
    forged = several.add(clips.load(clip), residual)
    return {"attack": f"forgery, {_described(how)}", **_answers(forged, ids, clips.load(clip))}


def remove(clip: str, how: str) -> Row:
    """What many other videos have in common, taken off a marked one."""
    residual, _ = _stolen(how, without=clip)
    cleaned = several.add(marks.marked(clip), residual, gain=-1)
    row = _answers(cleaned, {marks.mark_id(clip)}, clips.load(clip))
    return {"attack": f"removal, {_described(how)}", **row}


def _described(how: str) -> str:
    return f"mean of {DONORS} videos, {how}" if how in ("blind", "paired") else how


@lru_cache(maxsize=4)
def _stolen(how: str, without: str = "") -> tuple[several.Residual, set[int]]:
    """The residual that an attacker gets, and the ids that its donors carry."""
    sources = [clip for clip in clips.natural() if clip != without]
    if how in ("one video", "one pair"):
        sources = sources[:1]
        marked = marks.marked(sources[0])
        ids = {marks.mark_id(sources[0])}
        if how == "one video":
            return several.single_residual(marked), ids
        return marked.astype(np.float32) - clips.load(sources[0]), ids
    donors = [(sources[n % len(sources)], n // len(sources) + 1) for n in range(DONORS)]
    ids = {marks.mark_id(clip, copy) for clip, copy in donors}
    if how == "blind":
        return several.blind_residual(marks.marked(c, copy=n)[::4] for c, n in donors), ids
    pairs = ((marks.marked(c, copy=n)[::4], clips.load(c)[::4]) for c, n in donors)
    return several.paired_residual(pairs), ids


def _answers(frames: Frames, true_ids: set[int], original: Frames) -> Row:
    """What detect says of the frames as they are and changed again; psnr against the unmarked
    original in dB."""
    from provenance.watermark import detect

    answers, bounds = [], []
    for name in AFTER:
        material = attacks.Clip(frames, clips.FPS)
        found = detect(attacks.apply(name, material, frames).frames, [marks.KEY])
        reported = {found.mark_id, *(segment.mark_id for segment in found.segments)} - {None}
        if reported - true_ids:
            answers.append("wrong id")
        elif reported:
            answers.append("true id")
        else:
            answers.append("presence" if found.segments else "none")
        bounds.append(round(found.log10_false_positive, 1))
    return {"answers": answers, "bounds": bounds, "psnr": metrics.psnr_rgb(original, frames)}


def summary(rows: list[Row]) -> str:
    """Counts of the answers by attack."""
    kinds = ("none", "presence", "true id", "wrong id")
    lines = []
    for attack in dict.fromkeys(row["attack"] for row in rows):
        own = [row for row in rows if row["attack"] == attack]
        answers = [answer for row in own for answer in row["answers"]]
        counts = [answers.count(kind) for kind in kinds]
        decibels = f"{np.mean([row['psnr'] for row in own]):.1f} dB"
        lines.append((attack, len(answers), *counts, decibels))
    return (
        "Each result as it is, after H.264 crf 23 and at 75 % of the size. A forgery that yields "
        '"true id" carries the id of a donor: the detector sees the mark, and only a comparison '
        "with the video that the id belongs to can tell. PSNR is against the unmarked original.\n\n"
        + table(("attack", "answers", *kinds, "PSNR"), lines)
    )
