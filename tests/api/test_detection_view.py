"""What people see of a detection, on wide, narrow, colourless and plain ASCII terminals."""

import io

import pytest
from rich.console import Console, RenderableType

from api.cli.detection_view import detection_view
from api.cli.timeline import Timeline
from provenance.watermark import Affine, Detection, Segment

UPRIGHT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def _shown(view: RenderableType, width: int = 100, encoding: str = "utf-8") -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=out, width=width).print(view)
    out.seek(0)
    return out.read()


def _changed(
    *, mirrored: bool = False, degrees: float = 0.0, scale: float = 1.0, stretch: float = 1.0
) -> str:
    geometry = Affine(
        UPRIGHT,
        mirrored=mirrored,
        rotation_degrees=degrees,
        scale=scale,
        stretch=stretch,
        shift=(0.0, 0.0),
    )
    shown = _shown(
        detection_view(Detection(1, -20.0, (Segment(0, 8, 1, None),), geometry, None), 8, 8)
    )
    return next(line for line in shown.splitlines() if line.startswith("picture"))


def test_changes_of_the_picture_are_worded() -> None:
    assert "neither mirrored, turned nor scaled" in _changed(degrees=359.9, scale=1.001)
    assert "turned by 7.3 degrees clockwise" in _changed(degrees=-7.31)
    assert "turned by 90 degrees clockwise" in _changed(degrees=270.0)
    assert "mirrored left to right, scaled to 75 %" in _changed(mirrored=True, scale=0.75)
    stretched = _changed(scale=1.0, stretch=4.0)
    assert "width scaled to 200 %, height to 50 %" in stretched


def test_nothing_found_is_no_evidence() -> None:
    shown = _shown(detection_view(Detection(None, 0.0, (), None, None), 8, 8))
    assert "none found" in shown
    assert "no evidence that the video is authentic" in shown


def test_a_mark_too_weak_to_read_is_still_present() -> None:
    found = Detection(None, -9.5, (Segment(8, 16, None, None),), None, None)
    shown = _shown(detection_view(found, 16, 8))
    assert "present, id not readable" in shown
    assert "high: chance of a false alarm at most 1 in 10^9" in shown
    assert "░" * 30 + "?" * 30 in shown
    assert "too small" in shown


@pytest.mark.parametrize(("width", "cells"), [(100, 60), (30, 30)])
def test_the_bar_fits_and_hides_no_segment(width: int, cells: int) -> None:
    """Eight frames out of 5,000 are far less than one cell."""
    segments = (Segment(0, 2500, 1, None), Segment(4000, 4008, 2, None))
    bar, ends, *legend = _shown(Timeline(segments, 5000, 10), width).splitlines()
    assert max(map(len, legend)) <= width
    assert len(bar) == len(ends) == cells
    assert bar.count("█") == cells // 2
    assert bar.count("▓") == 1
    assert ends.split() == ["0", "s", "500.00", "s"]


def test_the_bar_needs_no_more_than_ascii() -> None:
    segments = (Segment(0, 4, 1, None), Segment(4, 8, 2, None))
    bar = _shown(Timeline(segments, 16, 8), width=16, encoding="ascii").splitlines()[0]
    assert bar == "####====........"


def test_the_marked_part_of_the_picture_is_told() -> None:
    segments = (Segment(0, 8, 1, (0.05, 0.1, 0.45, 0.6)),)
    assert "0.00-1.00 s (left 5-45 %, top 10-60 %)" in _shown(Timeline(segments, 8, 8))
