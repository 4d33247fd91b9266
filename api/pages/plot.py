"""A plot of decisions per hour, as numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

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


def plot(hours: Sequence[Hour]) -> tuple[Bar, ...]:
    """Bars that are stacked by action, the tallest of them `HEIGHT` tall."""
    tallest = max((sum(hour.counts.values()) for hour in hours), default=0)
    bars = []
    for place, hour in enumerate(hours):
        y = float(HEIGHT)
        for action, count in hour.counts.items():
            height = HEIGHT * count / tallest
            y -= height
            title = f"{hour.begins:%d %b %H:00} UTC: {count} × {action}"
            bars.append(Bar(action, place * WIDTH, y, height, title))
    return tuple(bars)
