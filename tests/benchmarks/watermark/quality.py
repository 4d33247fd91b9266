"""What the marks change in the picture: figures, and a sheet to look at."""

from pathlib import Path

import cv2
import numpy as np

from . import clips, marks, metrics, peers
from .attacks import Frame, Frames
from .markdown import table
from .options import Options
from .results import PEER_VERSION, Row, Task, our_version

SECTION = "quality"
REGION = 160
"""Side in pixels of a part of the contact sheet."""
STEP = 16


def tasks(options: Options) -> list[Task]:
    """Each clip with our marks and the peers'."""
    ours = [(clip, m) for clip in options.natural + options.drawn for m in (marks.LUMA, marks.OURS)]
    others = {"none": (), "fast": ("dwtDct", "dwtDctSvd"), "full": peers.METHODS}[options.peers]
    plan = [*ours, *((clip, method) for method in others for clip in options.natural)]
    return [
        Task(
            SECTION,
            f"{method}/{clip}",
            PEER_VERSION if method in peers.METHODS else our_version(),
            measure,
            (clip, method),
        )
        for clip, method in plan
    ]


def measure(clip: str, method: str) -> Row:
    """Figures of one clip."""
    frames, marked = clips.load(clip), marks.marked(clip, method)
    return {"clip": clip, "method": method, **metrics.figures(frames, marked)}


def summary(rows: list[Row]) -> str:
    """The figures of each clip, and means for the peers."""
    methods = [
        m for m in (marks.LUMA, marks.OURS, *peers.METHODS) if any(r["method"] == m for r in rows)
    ]
    lines = []
    for method in methods:
        own = [row for row in rows if row["method"] == method]
        shown = own if method not in peers.METHODS else []
        lines += [(f"{_label(method)}, {row['clip']}", *_cells([row])) for row in shown]
        lines.append((f"**{_label(method)}, mean of {len(own)} clips**", *_cells(own)))
    header = (
        "mark",
        "PSNR RGB",
        "PSNR luma",
        "worst frame",
        "SSIM luma",
        "flicker",
        "largest change",
    )
    return (
        "PSNR in dB from the mean squared error over all frames. SSIM after Wang et al. (2004), "
        "11x11 Gaussian window. Flicker: the PSNR of the mark's change from each frame to the "
        "next; higher is steadier.\n\n"
        f"{table(header, lines)}\n\n"
        "![original, marked, eight times the difference](contact-sheet.jpg)\n\n"
        "*Smooth, dark and moving parts of each clip: original, marked, and the difference eight "
        "times enlarged around mid-grey.*"
    )  # fmt: skip


def _label(method: str) -> str:
    return "both marks" if method == marks.OURS else method


def _cells(rows: list[Row]) -> list[str]:
    def mean(name: str) -> float:
        return float(np.mean([row[name] for row in rows]))

    decibels = [f"{mean(name):.2f}" for name in ("psnr_rgb", "psnr_luma", "psnr_worst_frame")]
    largest = max(row["largest_change"] for row in rows)
    return [*decibels, f"{mean('ssim_luma'):.4f}", f"{mean('flicker'):.1f}", f"{largest:.0f}"]


def contact_sheet(path: Path, names: list[str]) -> None:
    """A JPEG: a row for each clip; its smoothest, darkest and most moving part, each as original,
    marked, and eight times the difference."""
    rows = [_header()]
    for name in names:
        frames, marked = clips.load(name), marks.marked(name)
        middle = len(frames) // 2
        strip = np.concatenate(
            [_trio(frames[middle], marked[middle], *corner) for corner in _regions(frames, middle)],
            axis=1,
        )
        rows.append(_write(strip, name, (6, REGION - 8)))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = np.concatenate(rows)[..., ::-1]
    cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 90])


def _regions(frames: Frames, index: int) -> list[tuple[int, int]]:
    """Top left corners of the smoothest, the darkest and the most moving square."""
    plane = metrics.luma(frames[index])
    moving = cv2.absdiff(plane, metrics.luma(frames[index + 1]))
    detail = np.abs(cv2.Laplacian(plane, cv2.CV_32F))

    def at_least(measure: np.ndarray) -> tuple[int, int]:
        means = cv2.boxFilter(measure, cv2.CV_32F, (REGION, REGION), anchor=(0, 0))
        valid = means[: plane.shape[0] - REGION + 1 : STEP, : plane.shape[1] - REGION + 1 : STEP]
        row, column = np.unravel_index(valid.argmin(), valid.shape)
        return int(row) * STEP, int(column) * STEP

    return [at_least(measure) for measure in (detail, plane, -moving)]


def _trio(original: Frame, marked: Frame, top: int, left: int) -> Frame:
    window = slice(top, top + REGION), slice(left, left + REGION)
    a, b = original[window], marked[window]
    difference = np.clip(128 + 8 * (b.astype(int) - a), 0, 255).astype(np.uint8)
    return np.concatenate([a, b, difference], axis=1)


def _header() -> Frame:
    strip = np.full((28, 9 * REGION, 3), 255, np.uint8)
    for position, kind in enumerate(("smooth", "dark", "moving")):
        words = f"{kind}: original, marked, 8x difference"
        _write(strip, words, (3 * position * REGION + 6, 20), colour=(0, 0, 0))
    return strip


def _write(
    frame: Frame, words: str, at: tuple[int, int], colour: tuple[int, int, int] = (255, 255, 255)
) -> Frame:
    cv2.putText(frame, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
    return frame
