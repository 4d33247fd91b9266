"""Moderators, and operators of a blocklist, at the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from api.service import Service
from provenance.media import Limits, decode
from safety.frames.blocklist import load_blocklist
from tests.api.conftest import Answer
from tests.api.test_reviews import logged

Run = Callable[..., Answer]


def test_a_moderator_looks_at_frames_decides_and_looks_back(
    signet: Run, service: Service, withhold: Callable[[str], str], tmp_path: Path
) -> None:
    video_id, sheet = withhold("a grey wall"), tmp_path / "sheet.jpg"
    listed = signet("review", "list").out
    assert "rendered frames, waits since" in listed
    assert "prompt: a grey wall" in listed
    assert "blocklist" in listed
    assert "(frame 0, label a ramp, distance 0, quality " in listed

    assert signet("review", "release", video_id).code == 1
    assert signet("review", "claim", video_id).code == 0
    assert "by cli" in signet("review", "show", video_id).out
    assert signet("review", "release", video_id).code == 0
    assert "by cli" not in signet("review", "show", video_id).out

    assert signet("review", "frames", video_id, "-o", "/nowhere/sheet.jpg").code == 2
    assert signet("review", "frames", video_id, "-o", str(sheet)).code == 0
    assert cv2.imread(str(sheet)).shape == (156, 600, 3)

    assert signet("review", "approve", video_id, "--reason", "only a wall").code == 0
    assert signet("review", "list").out == ""
    assert "only a wall" in signet("review", "list", "--state", "approved").out
    assert "policy: " in signet("review", "show", video_id).out
    shown = json.loads(signet("review", "show", video_id, "--json").out)
    assert shown["state"] == "approved"
    assert [(each["by"], each["reason"]) for each in shown["decisions"]] == [("cli", "only a wall")]
    closed = signet("review", "frames", video_id, "-o", str(sheet))
    assert (closed.code, "is closed" in closed.err) == (1, True)
    assert logged(service, video_id)[-4:] == [
        "review.claimed",
        "review.claim_released",
        "review.frames_shown",
        "review.approved",
    ]


@pytest.mark.parametrize("command", ["show", "claim", "release"])
def test_a_case_that_is_not_there_is_told(signet: Run, command: str) -> None:
    assert signet("review", command, "video_1").code == 1


def test_pictures_are_listed_so_that_crops_are_found(
    signet: Run, natural_clip: Path, tmp_path: Path
) -> None:
    with decode(natural_clip, Limits()) as clip:
        frame = np.array(clip.frames[0])
    picture = tmp_path / "a ship\n.png"
    cv2.imwrite(str(picture), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    (tmp_path / "blocklist").write_text(signet("frames", "hash", str(picture)).out)
    blocklist = load_blocklist(tmp_path / "blocklist")
    assert len(blocklist.labels) == 13
    assert blocklist.labels[:2] == ("a ship .png", "a ship .png, cut 5% around")
    nearest = min(blocklist.compare(frame[None], [0]), key=lambda found: found.distance or 0)
    assert (nearest.action, nearest.distance, nearest.label) == ("block", 0, "a ship .png")
    for cropped in (frame[29:-29, 43:-43], frame[:-48], frame[:, 36:]):  # 12, 10 and 5 %
        assert "block" in {found.action for found in blocklist.compare(cropped[None], [0])}
    rows = json.loads(signet("frames", "hash", str(picture), "--json").out)
    assert [row["label"] for row in rows] == list(blocklist.labels)


def test_what_cannot_be_hashed_is_told(signet: Run, tmp_path: Path) -> None:
    text, tiny = tmp_path / "text", tmp_path / "tiny.png"
    text.write_text("no picture")
    cv2.imwrite(str(tiny), np.zeros((4, 4, 3), np.uint8))
    for path in (text, tiny, tmp_path / "nothing", tmp_path):
        answer = signet("frames", "hash", str(path))
        assert (answer.code, answer.out) == (2, "")
        assert str(path) in answer.err
