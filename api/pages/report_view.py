"""A kept report as a page shows it.

Reports are read as documents, not as today's `Report`: one that was kept before an update lacks
what is new since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 1000
"""Of the whole timeline, in the units of its picture."""
_PATTERNS = 4
_NARROWEST = 4

_OURS = ("authentic", "altered", "partial")
"""Verdicts that prove which video the file comes from; others only repeat what it claims."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One marked stretch; x and width in the timeline's units, start and end in seconds."""

    kind: str
    x: float
    width: float
    start: float
    end: float
    mark_id: str | None
    video_id: str | None
    is_part: bool


def comes_from_here(report: dict[str, Any]) -> bool:
    """Whether the report proves that the file comes from `report["video_id"]`."""
    return report["verdict"] in _OURS


def timeline(report: dict[str, Any]) -> tuple[Stretch, ...]:
    """The marked stretches over the length of the video.

    Each mark has a pattern of its own (`mark-0` to `mark-3`, in turn), so that nothing is lost
    without colour; the narrowest stretch can still be seen.
    """
    segments = report["segments"]
    length = max([report.get("seconds") or 0.0, *(each["end_seconds"] for each in segments)])
    ids = list(dict.fromkeys(each["mark_id"] for each in segments if each["mark_id"]))
    return tuple(_stretch(segment, length, ids) for segment in segments)


def _stretch(segment: dict[str, Any], length: float, ids: Sequence[str]) -> Stretch:
    start, end, mark_id = segment["start_seconds"], segment["end_seconds"], segment["mark_id"]
    kind = f"mark-{ids.index(mark_id) % _PATTERNS}" if mark_id else "mark-unreadable"
    width = max(WIDTH * (end - start) / length, _NARROWEST) if length else WIDTH
    x = min(WIDTH * start / length, WIDTH - width) if length else 0.0
    return Stretch(
        kind=kind,
        x=round(x, 1),
        width=round(width, 1),
        start=start,
        end=end,
        mark_id=mark_id,
        video_id=segment["video_id"],
        is_part=segment["region"] is not None,
    )
