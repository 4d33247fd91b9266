"""Every attack on every clip: does the id come back?"""

import time
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from . import attacks, clips, marks, peers
from .attacks import ATTACKS, Frames
from .options import Options, matches
from .results import PEER_VERSION, Row, Task, our_version

SECTION = "robustness"
EVERY_FRAME = "single_frame_h264_28"
"""Each frame of a clip compressed at crf 28, read alone."""
RIVAGAN_CLIPS = 2


def answer(frames: Frames, mark_id: int) -> Row:
    """What `detect` says of frames that carry an id under marks.KEY; seconds are of one core."""
    detect = _detector()
    start = time.process_time()
    found = detect(frames, [marks.KEY])
    seconds = time.process_time() - start
    ids = {found.mark_id, *(segment.mark_id for segment in found.segments)} - {None}
    return {
        "exact": found.mark_id == mark_id,
        "present": bool(ids or found.segments),
        "wrong": bool(ids - {mark_id}),
        "log10_false_positive": round(found.log10_false_positive, 2),
        "open_mark": bool(found.open_mark and found.open_mark.matches),
        "seconds": round(seconds, 3),
    }


@cache
def _detector() -> Callable[..., Any]:
    """`detect`, with the libraries loaded that it imports when it is first called."""
    import imwatermark  # noqa: F401

    from provenance.watermark import detect

    return detect


def attacked(clip: str, attack: str, method: str) -> Frames:
    """The marked clip after the attack; the same chance for every method."""
    material = attacks.Clip(marks.marked(clip, method), clips.FPS)
    return attacks.apply(attack, material, clips.foreign(), zlib.crc32(clip.encode())).frames


def measure_ours(clip: str, attack: str) -> Row:
    """Our mark under one attack."""
    row = answer(attacked(clip, attack, marks.OURS), marks.mark_id(clip))
    return {"method": marks.OURS, "clip": clip, "attack": attack, **row}


def measure_peer(clip: str, attack: str, method: str) -> Row:
    """A peer's mark under one attack."""
    share = peers.read(attacked(clip, attack, method), method, peers.message(clip))
    return {"method": method, "clip": clip, "attack": attack, "bits": round(share, 4)}


def measure_every_frame(clip: str) -> Row:
    """Shares of all frames, each alone."""
    frames = attacked(clip, "h264_28", marks.OURS)
    answers = [answer(frame[None], marks.mark_id(clip)) for frame in frames]
    names = ("exact", "present", "wrong", "seconds")
    figures = {name: float(np.mean([row[name] for row in answers])) for name in names}
    return {"method": marks.OURS, "clip": clip, "attack": EVERY_FRAME, **figures}


def tasks(options: Options) -> list[Task]:
    """Natural clips under all attacks, drawn ones under the core attacks and the chains, and the
    peers on the natural clips."""
    version, names = our_version(), options.attack_names
    if options.quick:
        names = [name for name in names if ATTACKS[name].tier == "core"]
    plan = [
        Task(SECTION, f"ours/{clip}/{name}", version, measure_ours, (clip, name))
        for clip in options.natural + options.drawn
        for name in names
        # Drawn clips add content, not attacks.
        if clip not in options.drawn or ATTACKS[name].tier in ("core", "chain")
    ]
    if matches(EVERY_FRAME, options.attacks) and not options.quick:
        plan += [
            Task(SECTION, f"ours/{clip}/{EVERY_FRAME}", version, measure_every_frame, (clip,))
            for clip in options.natural + options.drawn
        ]
    return plan + [
        Task(SECTION, f"{method}/{clip}/{name}", PEER_VERSION, measure_peer, (clip, name, method))
        for method in (peers.METHODS if options.peers != "none" else ())
        for position, clip in enumerate(options.natural)
        for name in names
        if options.peers == "full"
        or method != "rivaGan"
        or (position < RIVAGAN_CLIPS and ATTACKS[name].tier == "core")
    ]
