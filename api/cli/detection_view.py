"""What the detector found, in words for people."""

import math

from rich.table import Table
from rich.text import Text

from api.cli.timeline import Timeline
from provenance.watermark import Affine, Detection, OpenMark
from provenance.watermark.open_mark import MATCHING_BITS

_VERY_HIGH = -18.0
"""log10 of a false alarm's probability: twice what `detect` asks of any mark it reports."""
_LEAST_TURN = 0.5  # degrees
_LEAST_SCALING = 0.02


def detection_view(found: Detection, num_frames: int, fps: float) -> Table:
    """A table of labelled lines about one clip of `num_frames` frames."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    if found.segments:
        name = "present, id not readable" if found.mark_id is None else f"{found.mark_id:016x}"
        table.add_row("mark", Text(name, style="bold green"))
        table.add_row("confidence", _confidence(found.log10_false_positive))
    else:
        table.add_row("mark", Text("none found", style="bold yellow"))
        table.add_row("", "This is no evidence that the video is authentic.")
    if found.geometry:
        table.add_row("picture", _picture(found.geometry))
    table.add_row("open mark", _open_mark(found.open_mark))
    if found.open_mark and found.open_mark.matches and not found.segments:
        table.add_row("", "The keyed mark may be there under another key than the ones in use.")
    if found.segments and num_frames > 1:
        table.add_row("timeline", Timeline(found.segments, num_frames, fps))
    return table


def _confidence(log10_false_positive: float) -> str:
    level = "very high" if log10_false_positive <= _VERY_HIGH else "high"
    odds = math.floor(-log10_false_positive)
    return f"{level}: chance of a false alarm at most 1 in 10^{odds}"


def _picture(geometry: Affine) -> str:
    """What was done to the marked picture, in order; cropping leaves no trace in `geometry`."""
    changes = ["mirrored left to right"] if geometry.mirrored else []
    turn = (geometry.rotation_degrees + 180) % 360 - 180
    if abs(turn) > _LEAST_TURN:
        sense = "counter-clockwise" if turn > 0 else "clockwise"
        changes.append(f"turned by {round(abs(turn), 1):g} degrees {sense}")
    if abs(geometry.stretch - 1) > _LEAST_SCALING:
        across = geometry.scale * math.sqrt(geometry.stretch)
        changes.append(
            f"stretched: width scaled to {_percent(across)}, "
            f"height to {_percent(across / geometry.stretch)}"
        )
    elif abs(geometry.scale - 1) > _LEAST_SCALING:
        changes.append(f"scaled to {_percent(geometry.scale)}")
    return ", ".join(changes) or "neither mirrored, turned nor scaled since it was marked"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _open_mark(seen: OpenMark | None) -> str:
    if seen is None:
        return "not looked for: the picture is too small"
    agreeing = f"{seen.bits_correct} of {seen.bits} bits agree"
    if seen.matches:
        return f"matches ({agreeing}); anyone can copy, write or remove it"
    return f"none found ({agreeing}; {MATCHING_BITS} must)"
