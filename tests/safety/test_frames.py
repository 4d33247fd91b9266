"""Frame inspection: what is sampled, which rule blocks, and what happens on failure."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from safety import Decision, moderate
from safety.frames import Finding, blurred, contact_sheet, inspect
from safety.policy import load_policy
from safety.taxonomy import TAXONOMY


@pytest.fixture(scope="module")
def plain_decision() -> Decision:
    return moderate("a paper boat drifts across a pond")


def risky(decision: Decision, **scores: float) -> Decision:
    return replace(
        decision,
        categories=decision.categories | scores,
        unreleased_likeness=scores.get("likeness", 0.0),
    )


def scenery(count: int = 49, height: int = 240, width: int = 360) -> NDArray[np.uint8]:
    ramp = np.linspace(0, 255, width, dtype=np.uint8)
    return np.broadcast_to(ramp[None, None, :, None], (count, height, width, 3)).copy()


def drawn_face(count: int = 5) -> NDArray[np.uint8]:
    """A drawn face that the detector takes for one: no picture of a person is needed."""
    picture = np.full((240, 360, 3), 120, np.uint8)

    def ellipse(x: int, y: int, width: int, height: int, colour: tuple[int, int, int]) -> None:
        cv2.ellipse(picture, (180 + x, 120 + y), (width, height), 0, 0, 360, colour, -1)

    ellipse(0, -10, 66, 86, (50, 35, 30))  # hair
    ellipse(0, 0, 58, 78, (215, 180, 160))  # skin
    for side in (-24, 24):
        ellipse(side, -20, 15, 9, (130, 95, 85))  # eye socket
        ellipse(side, -18, 11, 5, (240, 240, 240))
        ellipse(side, -18, 5, 5, (30, 20, 20))
        ellipse(side, -34, 17, 4, (60, 40, 35))  # brow
    ellipse(0, 14, 9, 5, (165, 125, 110))  # nose
    ellipse(0, 40, 22, 7, (150, 70, 70))  # mouth
    picture = cv2.GaussianBlur(picture, (0, 0), 2.5).astype(np.uint8)
    return np.repeat(picture[None], count, axis=0)


def test_a_face_alone_never_blocks(plain_decision: Decision) -> None:
    for decision in (plain_decision, None):
        report = inspect(drawn_face(), 8.0, decision)
        assert (report.action, report.faces, report.findings) == ("allow", 1, ())


@pytest.mark.parametrize("scores", [{"likeness": 0.8}, {"minors": 1.0, "sexual": 0.25}])
def test_a_face_with_a_risky_prompt_blocks(
    scores: dict[str, float], plain_decision: Decision
) -> None:
    report = inspect(drawn_face(), 8.0, risky(plain_decision, **scores))
    assert report.action == "block"
    assert report.faces == 1
    assert report.findings[0].message.startswith("A face was rendered")


def test_a_released_face_blocks_only_together_with_something_else() -> None:
    released = moderate("Tom Hanks walks his dog", released=["Tom Hanks"])
    assert inspect(drawn_face(), 8.0, released).action == "allow"
    undressed = replace(released, categories=released.categories | {"sexual": 0.25})
    assert inspect(drawn_face(), 8.0, undressed).action == "block"


def test_two_frames_a_second_are_sampled(plain_decision: Decision) -> None:
    report = inspect(scenery(49), 8.0, plain_decision)
    assert (report.action, report.sampled, report.faces) == ("allow", 13, 0)
    assert report.findings == ()
    assert inspect(scenery(16), 16.0, plain_decision).sampled == 2
    assert inspect(scenery(3), 0.5, plain_decision).sampled == 3


def test_risk_without_a_face_is_allowed(plain_decision: Decision) -> None:
    decision = risky(plain_decision, likeness=0.95, minors=1.0, sexual=0.9)
    assert inspect(scenery(), 8.0, decision).action == "allow"


def test_no_decision_is_allowed() -> None:
    assert inspect(scenery(), 8.0, None).action == "allow"


@pytest.mark.parametrize(
    ("scores", "blocks"),
    [
        ({}, False),
        ({"likeness": 0.5}, True),
        ({"likeness": 0.45}, False),
        ({"likeness": 0.45, "sexual": 0.25}, True),
        ({"minors": 1.0}, False),
        ({"minors": 1.0, "sexual": 0.25}, True),
        ({"sexual": 0.25}, False),
    ],
)
def test_the_rules_for_a_rendered_face(scores: dict[str, float], *, blocks: bool) -> None:
    given = dict.fromkeys(TAXONOMY, 0.0) | scores
    rules = load_policy().rendered_faces
    assert any(rule.matches(given, given["likeness"]) for rule in rules) == blocks


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((0, 8, 8, 3), np.uint8),
        np.zeros((2, 8, 8), np.uint8),
        np.zeros((2, 8, 8, 4), np.uint8),
        np.zeros((2, 8, 8, 3), np.float32),
        np.zeros((2, 0, 0, 3), np.uint8),
    ],
)
def test_what_cannot_be_inspected_is_blocked(frames: NDArray[np.uint8]) -> None:
    report = inspect(frames, 8.0, None)
    assert report.action == "block"
    assert "could not be inspected" in report.findings[0].message


def test_bad_rates_and_policies_block(tmp_path: Path) -> None:
    assert inspect(scenery(2), 0.0, None).action == "block"
    assert inspect(scenery(2), float("nan"), None).action == "block"
    assert inspect(scenery(2), 8.0, None, policy_path=tmp_path / "none.yaml").action == "block"


def test_one_frame_and_tiny_frames_are_handled() -> None:
    assert inspect(scenery(1), 8.0, None).action == "allow"
    assert inspect(scenery(1, 8, 8), 8.0, None).action == "allow"


def pictures(count: int, height: int = 480, width: int = 720) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8)


@pytest.mark.parametrize(("height", "width"), [(480, 720), (720, 480), (8, 5)])
def test_a_contact_sheet_is_bounded(height: int, width: int) -> None:
    sheet = contact_sheet(
        np.broadcast_to(pictures(1, height, width), (400, height, width, 3)), 8, []
    )
    picture = cv2.imdecode(np.frombuffer(sheet.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert len(sheet.frames) == 24
    assert (sheet.frames[0], sheet.frames[-1]) == (0, 396)
    assert picture.shape[0] <= 2040
    assert picture.shape[1] <= 1280
    small = cv2.imdecode(np.frombuffer(blurred(sheet.jpeg), np.uint8), cv2.IMREAD_COLOR)
    assert max(small.shape[:2]) <= 64


def test_what_was_found_is_on_the_contact_sheet_and_marked() -> None:
    clip = np.broadcast_to(pictures(1, 48, 72), (400, 48, 72, 3))
    found = [Finding("classifier", "review", "", frame=each) for each in (4, 200)]
    plain, marked = contact_sheet(clip, 8, []), contact_sheet(clip, 8, found)
    assert 4 not in plain.frames
    assert {0, 4, 200, 396} <= set(marked.frames)
    assert len(marked.frames) == 24

    def red(jpeg: bytes) -> int:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).astype(int)
        return int((picture[0, :, 2] - picture[0, :, 0] > 100).sum())

    assert red(plain.jpeg) == 0
    assert red(marked.jpeg) > 50  # the second tile's upper edge
