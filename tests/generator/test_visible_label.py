"""The visible label: in its corner, large enough, readable on any picture."""

from pathlib import Path

import numpy as np
import pytest

from generator.base import GeneratorError
from generator.visible_label import burn_in, check

GREY = np.full((2, 480, 720, 3), 128, np.uint8)


@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
def test_label_is_in_its_corner_and_nowhere_else(corner: str) -> None:
    before = GREY.copy()
    labelled = burn_in(GREY, "AI-generated", corner)
    assert np.array_equal(GREY, before)
    rows, columns = np.nonzero((labelled != GREY).any(axis=(0, 3)))
    assert (rows.max() < 240) == corner.startswith("top")
    assert (columns.max() < 360) == corner.endswith("left")
    assert np.array_equal(labelled[0], labelled[1])


@pytest.mark.parametrize("level", [0, 128, 255])
def test_letters_are_high_enough_and_stand_out(level: int) -> None:
    """GB 45438-2025: at least a twentieth of the shorter side. Contrast as in WCAG 2.2, 3:1."""
    labelled = burn_in(np.full_like(GREY, level), "AI-generated", "top_left")[0, ..., 0]
    letters = np.nonzero((labelled > 250).any(axis=1))[0] if level < 255 else None
    if letters is not None:
        assert np.ptp(letters) + 1 >= 480 / 20
    field = labelled[labelled != level].astype(float) / 255
    lightest, darkest = field.max() ** 2.2, field.min() ** 2.2
    assert (lightest + 0.05) / (darkest + 0.05) >= 3


def test_label_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="has no '生'"):
        check("AI生成")
    with pytest.raises(GeneratorError, match="no text"):
        check("  ")
    (tmp_path / "font.ttf").write_text("no font")
    with pytest.raises(GeneratorError, match=r"font\.ttf"):
        check("AI", tmp_path / "font.ttf")
    with pytest.raises(GeneratorError, match="does not fit"):
        burn_in(np.zeros((1, 480, 128, 3), np.uint8), "AI-generated " * 4, "top_left")
