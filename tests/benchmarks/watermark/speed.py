"""Seconds and memory. Every measurement has a process of its own, and nothing runs beside it."""

import resource
import statistics
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from . import clips, marks, peers
from .attacks import ATTACKS
from .markdown import table
from .options import Options
from .results import Row, Task, our_version
from .robustness import answer, attacked

SECTION, BLIND_SECTION = "speed", "speed_blind"
REPEATS = 5
EMBEDDED = 16
"""Frames per call of an embedder."""
LARGE = (1360, 768, 81)
"""Width, height in pixels and frames of the largest clip that the service makes."""
GEOMETRIC = ("resize", "crop", "frame", "rotate")
MEBIBYTE = 1 << 20

Line = tuple[str, int, str, str]


def tasks(options: Options) -> list[Task]:
    """What runs on one core."""
    clip = options.natural[0]
    plan: dict[str, tuple[Callable[..., Row], tuple[str, ...]]] = {
        "embed": (measure_embed, (clip,)),
        "detect, geometry unchanged": (measure_detect, (clip,)),
        "detect, of which the open mark": (measure_open_mark, (clip,)),
        "large clip": (measure_large, (clip,)),
    }
    plan |= {f"detect, {name}, unmarked": (measure_unmarked, (name,)) for name in clips.clean()}
    version = our_version()
    return [Task(SECTION, case, version, measure, args) for case, (measure, args) in plan.items()]


def blind_tasks(options: Options) -> list[Task]:
    """Detection after geometric attacks, on two cores."""
    names = [a.name for a in ATTACKS.values() if a.family in GEOMETRIC and a.tier != "extreme"]
    return [
        Task(BLIND_SECTION, f"{clip}/{name}", our_version(), measure_blind, (clip, name))
        for clip in options.natural[:2]
        for name in (names[::4] if options.quick else names)
    ]


def _medians(actions: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Median seconds of processor time of each action, in turns so that none has a better hour;
    a first, unmeasured round loads what is needed."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(repeats + 1):
        for name, action in actions.items():
            start = time.process_time()
            action()
            seconds[name].append(time.process_time() - start)
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


def measure_embed(clip: str) -> Row:
    """Milliseconds a frame of our embedders and of the stock one."""
    from provenance.watermark import embed
    from provenance.watermark.embed import embed_luma

    frames, mark_id, bits = clips.load(clip)[:EMBEDDED], marks.mark_id(clip), peers.message(clip)
    seconds = _medians(
        {
            "luma mark alone": lambda: embed_luma(frames, mark_id, marks.KEY),
            "both marks": lambda: embed(frames, mark_id, marks.KEY),
            "stock dwtDctSvd": lambda: peers.embed(frames, "dwtDctSvd", bits),
        }
    )
    return {name: 1000 * total / len(frames) for name, total in seconds.items()}


def measure_detect(clip: str) -> Row:
    """Seconds for 49 frames where they were marked."""
    from provenance.watermark import detect

    marked = marks.marked(clip)
    return _medians({"seconds": lambda: detect(marked, [marks.KEY])})


def measure_open_mark(clip: str) -> Row:
    """Seconds to read the open mark of 49 frames, a part of detection."""
    from provenance.watermark import open_mark

    marked = marks.marked(clip)
    return _medians({"seconds": lambda: open_mark.read(marked)})


def measure_unmarked(clip: str) -> Row:
    """Seconds to find nothing in 49 unmarked frames."""
    from provenance.watermark import detect

    frames = clips.load(clip)
    return _medians({"seconds": lambda: detect(frames, [marks.KEY])}, repeats=2)


def measure_large(clip: str) -> Row:
    """Seconds, and the process's peak of memory in MiB, at the largest size."""
    from provenance.watermark import detect, embed

    width, height, count = LARGE
    source = clips.load(clip)
    sized = [cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC) for frame in source]
    frames = np.stack([sized[index % len(sized)] for index in range(count)])
    del sized
    start = time.process_time()
    marked = embed(frames, marks.mark_id(clip), marks.KEY)
    embedded = time.process_time()
    embed_peak = _peak()
    found = detect(marked, [marks.KEY])
    return {
        "embed_seconds": embedded - start,
        "detect_seconds": time.process_time() - embedded,
        "exact": found.mark_id == marks.mark_id(clip),
        "frames_mib": frames.nbytes / MEBIBYTE,
        "embed_peak_mib": embed_peak,
        "detect_peak_mib": _peak(),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE


def measure_blind(clip: str, attack: str) -> Row:
    """Seconds on the clock to search a picture of unknown geometry."""
    frames = attacked(clip, attack, marks.OURS)
    answer(frames[:1], 0)  # loads what is needed
    start = time.perf_counter()
    found = answer(frames, marks.mark_id(clip))
    return {"attack": attack, "exact": found["exact"], "seconds": time.perf_counter() - start}


def summary(rows: list[Row], blind: list[Row]) -> str:
    """Everything in one table."""
    found = {row["case"]: row for row in rows}
    lines = [*_embedding(found), *_detection(found), *_blind(blind), *_large(found)]
    return (
        "Processor time on one core: medians of repeated calls in a process of their own. On two "
        "cores: time on the clock.\n\n" + table(("what", "cores", "time", "remarks"), lines)
    )


def _embedding(found: dict[str, Row]) -> Iterator[Line]:
    if row := found.get("embed"):
        for mark in ("luma mark alone", "both marks", "stock dwtDctSvd"):
            milliseconds = row[mark]
            ratio = f"{row['stock dwtDctSvd'] / milliseconds:.1f} x as fast as stock"
            yield f"embed, {mark}", 1, f"{milliseconds:.1f} ms a frame", ratio


def _detection(found: dict[str, Row]) -> Iterator[Line]:
    for case, row in found.items():
        if case.startswith("detect"):
            yield case, 1, f"{row['seconds']:.2f} s", "49 frames 720x480"


def _blind(rows: list[Row]) -> Iterator[Line]:
    if rows:
        middle, high = np.percentile([row["seconds"] for row in rows], [50, 95])
        remark = f"{len(rows)} cases, {sum(row['exact'] for row in rows)} exact"
        times = f"p50 {middle:.2f} s, p95 {high:.2f} s"
        yield "detect, geometric attacks", 2, times, remark


def _large(found: dict[str, Row]) -> Iterator[Line]:
    if row := found.get("large clip"):
        width, height, count = LARGE
        size, frames = f"{width}x{height}, {count} frames", f"frames alone {row['frames_mib']:.0f}"
        for step in ("embed", "detect"):
            peak = f"peak {row[f'{step}_peak_mib']:.0f} MiB of memory; {frames}"
            yield f"{step}, {size}", 1, f"{row[f'{step}_seconds']:.1f} s", peak
