"""A clip's marked stretches, drawn as a bar over its length."""

from collections.abc import Iterator, Sequence
from itertools import cycle, groupby

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.style import Style
from rich.text import Text

from provenance.watermark import Segment

_MOST_CELLS = 60
_FEWEST_CELLS = 18  # an id and its sign
_BLOCKS, _BLOCK_GAP = "█▓▚▞", "░"
_ASCII, _ASCII_GAP = "#=%+", "."
_COLOURS = ("green", "cyan", "magenta", "blue", "red")
_UNREADABLE = ("?", Style(color="yellow"))
_DIM = Style(dim=True)


class Timeline:
    """A rich renderable: the bar, seconds at its ends, then one line per id with its stretches.

    segments: in frames, as `detect` gives them. num_frames: of the clip, at least 1. fps: above 0.
    Every segment gets at least one cell, however long the clip. Ids differ by sign as well as by
    colour, so nothing is lost without colour.
    """

    def __init__(self, segments: Sequence[Segment], num_frames: int, fps: float) -> None:
        self._segments = segments
        self._num_frames = num_frames
        self._fps = fps

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = min(_MOST_CELLS, options.max_width)
        signs = self._signs(ascii_only=options.ascii_only)
        yield self._bar(cells, signs, _ASCII_GAP if options.ascii_only else _BLOCK_GAP)
        end = f"{self._num_frames / self._fps:.2f} s"
        yield Text(f"0 s {end:>{cells - 4}}", style=_DIM)
        yield from self._legend(signs)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widest = max([_MOST_CELLS, *(len(line) for line in self._legend(self._signs()))])
        return Measurement(_FEWEST_CELLS, widest).with_maximum(options.max_width)

    def _signs(self, *, ascii_only: bool = False) -> dict[int | None, tuple[str, Style]]:
        """A sign and a colour for each id, in order of appearance."""
        colours = (Style(color=colour) for colour in cycle(_COLOURS))
        fresh = zip(cycle(_ASCII if ascii_only else _BLOCKS), colours, strict=False)
        ids = dict.fromkeys(segment.mark_id for segment in self._segments)
        return {mark_id: _UNREADABLE if mark_id is None else next(fresh) for mark_id in ids}

    def _bar(self, cells: int, signs: dict[int | None, tuple[str, Style]], gap: str) -> Text:
        row = [(gap, _DIM)] * cells
        for segment in self._segments:
            first = min(self._cell(segment.start, cells), cells - 1)
            last = max(self._cell(segment.end, cells), first + 1)
            row[first:last] = [signs[segment.mark_id]] * (last - first)
        runs = ((cell, len(list(run))) for cell, run in groupby(row))
        return Text.assemble(*((sign * length, style) for (sign, style), length in runs))

    def _cell(self, frame: int, cells: int) -> int:
        return round(frame * cells / self._num_frames)

    def _legend(self, signs: dict[int | None, tuple[str, Style]]) -> Iterator[Text]:
        for mark_id, sign in signs.items():
            name = "id not readable" if mark_id is None else f"{mark_id:016x}"
            stretches = (self._stretch(s) for s in self._segments if s.mark_id == mark_id)
            yield Text.assemble(sign, f" {name}: ", ", ".join(stretches))

    def _stretch(self, segment: Segment) -> str:
        seconds = f"{segment.start / self._fps:.2f}-{segment.end / self._fps:.2f} s"
        if segment.region is None:
            return seconds
        left, top, right, bottom = (round(100 * part) for part in segment.region)
        return f"{seconds} (left {left}-{right} %, top {top}-{bottom} %)"
