"""A plot of decisions per hour, as numbers for an SVG and its axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.audit.health import Hour

HEIGHT, WIDTH = 120, 10
"""Of the tallest bar and of each bar, in the units of the picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of an hour's bar; x and y of its upper left corner."""

    action: str
    x: float
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Plot:
    """counts: numbers beside the picture, from its top to its foot. moments: below it, from left to
    right. hours: those with decisions, the newest first."""

    bars: tuple[Bar, ...]
    counts: tuple[int, ...]
    moments: tuple[datetime, ...]
    hours: tuple[Hour, ...]


def plot(hours: Sequence[Hour]) -> Plot | None:
    """Bars that are stacked by action, the tallest `HEIGHT` tall; None without decisions."""
    tallest = max((sum(hour.counts.values()) for hour in hours), default=0)
    if tallest == 0:
        return None
    bars = []
    for place, hour in enumerate(hours):
        y = float(HEIGHT)
        for action, count in hour.counts.items():
            height = HEIGHT * count / tallest
            y -= height
            title = f"{hour.begins:%d %b %H:00} UTC: {count} × {action}"
            bars.append(Bar(action, place * WIDTH, y, height, title))
    return Plot(
        bars=tuple(bars),
        counts=(tallest, 0) if tallest % 2 else (tallest, tallest // 2, 0),
        moments=tuple(hours[place].begins for place in (0, len(hours) // 2, -1)),
        hours=tuple(hour for hour in reversed(hours) if hour.counts),
    )
