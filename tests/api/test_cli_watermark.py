"""`signet watermark`: marking and reading real files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from generator.encode import encode
from provenance.media import Limits, decode

FRAMES, FPS = 8, 8
ID, OTHER_ID = "0123456789abcdef", "fedcba9876543210"

Run = Callable[..., Any]
"""`signet` with these arguments; see conftest."""


@pytest.fixture(scope="module")
def clip(natural_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 480x480, 8 frames, 8 fps MP4 of natural texture, unmarked."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    encode(_frames(natural_clip)[:FRAMES, :, 120:600], FPS, path)
    return path


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that nothing was marked with."""
    monkeypatch.setenv("SIGNET_WATERMARK_KEYS", json.dumps(["ab" * 32]))


def _frames(path: Path) -> np.ndarray:
    with decode(path, Limits()) as video:
        return np.array(video.frames)


def _embed(signet: Run, source: Path, destination: Path, mark_id: str) -> None:
    done = signet("watermark", "embed", str(source), str(destination), "--id", mark_id)
    assert done.code == 0, done.err


def test_a_mark_is_embedded_and_read_back(signet: Run, clip: Path, tmp_path: Path) -> None:
    marked = tmp_path / "marked.mp4"
    done = signet("watermark", "embed", str(clip), str(marked), "--id", ID.upper(), "--json")
    assert json.loads(done.out) == {"file": str(marked), "mark_id": ID, "frames": FRAMES}
    assert done.err == ""
    read = signet("watermark", "detect", str(marked))
    assert read.code == 0
    assert ID in read.out
    assert "chance of a false alarm at most 1 in 10^" in read.out
    assert "neither mirrored, turned nor scaled" in read.out
    assert "matches (" in read.out
    assert "0.00-1.00 s" in read.out
    assert "░" not in read.out
    answer = json.loads(signet("watermark", "detect", str(marked), "--json").out)
    assert (answer["file"], answer["frames"], answer["fps"]) == (str(marked), FRAMES, FPS)
    assert (answer["present"], answer["mark_id"]) == (True, ID)
    assert answer["log10_false_positive"] < -9
    assert answer["segments"] == [{"start": 0, "end": FRAMES, "mark_id": ID, "region": None}]
    assert answer["geometry"]["rotation_degrees"] == 0
    assert answer["open_mark"]["bits"] == 32


def test_a_clip_joined_from_several_shows_which_part_is_which(
    signet: Run, clip: Path, tmp_path: Path
) -> None:
    first, second, joined = (tmp_path / f"{name}.mp4" for name in ("first", "second", "joined"))
    _embed(signet, clip, first, ID)
    _embed(signet, clip, second, OTHER_ID)
    encode(np.concatenate([_frames(part) for part in (first, clip, second)]), FPS, joined)
    shown = signet("watermark", "detect", str(joined)).out
    assert f"{ID}: 0.00-1.00 s" in shown
    assert f"{OTHER_ID}: 2.00-3.00 s" in shown
    bar = next(line for line in shown.splitlines() if line.startswith("timeline"))
    assert bar.split()[1] == "█" * 20 + "░" * 20 + "▓" * 20


def test_what_was_done_to_the_picture_is_told(signet: Run, clip: Path, tmp_path: Path) -> None:
    marked, changed = tmp_path / "marked.mp4", tmp_path / "changed.mp4"
    _embed(signet, clip, marked, ID)
    encode(np.rot90(_frames(marked)[:, :, ::-1], axes=(1, 2)), FPS, changed)
    shown = signet("watermark", "detect", str(changed)).out
    assert "mirrored left to right, turned by 90 degrees counter-clockwise" in shown


@pytest.mark.usefixtures("key")
def test_finding_nothing_is_a_no(signet: Run, clip: Path) -> None:
    found = signet("watermark", "detect", str(clip), "--json")
    assert found.code == 1
    answer = json.loads(found.out)
    assert (answer["mark_id"], answer["segments"], answer["geometry"]) == (None, [], None)


def test_an_id_left_out_is_drawn_and_told(signet: Run, clip: Path, tmp_path: Path) -> None:
    marked = tmp_path / "marked.mp4"
    first, second = (
        signet("watermark", "embed", str(clip), str(marked)).out.split()[1] for _ in range(2)
    )
    assert first != second
    assert second in signet("watermark", "detect", str(marked)).out


@pytest.mark.parametrize(
    "wrong",
    [
        "xyz",
        "",
        "0123456789abcde",
        "0123456789abcdef0",
        "0x23456789abcdef",
        "+123456789abcdef",
        "0123_4567_89abcd",
        " 123456789abcdef",
        "0123456789abcde\n",
        "٠123456789abcdef",
    ],
)
def test_anything_but_16_hexadecimal_digits_is_refused(
    signet: Run, clip: Path, tmp_path: Path, wrong: str
) -> None:
    out = tmp_path / "marked.mp4"
    refused = signet("watermark", "embed", str(clip), str(out), f"--id={wrong}")
    assert refused.code == 2
    assert "give 16 hexadecimal digits" in refused.err
    assert not out.exists()


def test_a_video_is_never_overwritten_with_itself(
    signet: Run, small_video: Path, tmp_path: Path
) -> None:
    original = tmp_path / "clip.mp4"
    original.write_bytes(small_video.read_bytes())
    link, second_name = tmp_path / "link.mp4", tmp_path / "second_name.mp4"
    link.symlink_to(original)
    second_name.hardlink_to(original)
    for destination in (original, link, second_name):
        refused = signet("watermark", "embed", str(original), str(destination))
        assert refused.code == 2
        assert "is the video to mark" in refused.err
    assert original.read_bytes() == small_video.read_bytes()


def test_places_that_cannot_be_written_are_named(
    signet: Run, small_video: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    long_name = tmp_path / ("a" * 300)
    for destination in (tmp_path, pipe, tmp_path / "none" / "out.mp4", long_name):
        refused = signet("watermark", "embed", str(small_video), str(destination))
        assert refused.code == 2, refused.err
        assert destination.name[:20] in refused.err or "none" in refused.err
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == [pipe.name]


def test_what_cannot_be_marked_is_refused_and_leaves_nothing(signet: Run, tmp_path: Path) -> None:
    sources = {"tiny.png": (64, 96), "odd.png": (129, 131)}
    for name, size in sources.items():
        cv2.imwrite(str(tmp_path / name), np.full((*size, 3), 128, np.uint8))
    (tmp_path / "text.mp4").write_text("not a video")
    out = tmp_path / "out.mp4"
    out.write_text("what was there before")
    for name, reason in (
        ("tiny.png", "at least 128 pixels"),
        ("odd.png", "even sides, not"),
        ("text.mp4", "not a decodable video"),
    ):
        refused = signet("watermark", "embed", str(tmp_path / name), str(out))
        assert refused.code == 2
        assert reason in refused.err
    assert out.read_text() == "what was there before"
    left = {path.name for path in tmp_path.iterdir()} - {"data"}
    assert left == {*sources, "text.mp4", "out.mp4"}


def test_searching_makes_no_key_up(signet: Run, clip: Path, tmp_path: Path) -> None:
    refused = signet("watermark", "detect", str(clip))
    assert refused.code == 2
    assert "no watermark key" in refused.err
    assert "SIGNET_WATERMARK_KEYS" in refused.err
    assert list(tmp_path.iterdir()) == []


def test_only_mp4_is_written(signet: Run, clip: Path, tmp_path: Path) -> None:
    refused = signet("watermark", "embed", str(clip), str(tmp_path / "out.webm"))
    assert refused.code == 2
    assert ".mp4" in refused.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_stops_early_changes_no_exit_code(options: list[str]) -> None:
    command = [sys.executable, "-c", "from api.cli import main; main()"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*command, "models", "list", *options], stdout=write, stderr=subprocess.PIPE, timeout=60
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.usefixtures("key")
def test_what_cannot_be_searched_is_bad_input(signet: Run, tmp_path: Path) -> None:
    tiny, text = tmp_path / "tiny.png", tmp_path / "text.mp4"
    cv2.imwrite(str(tiny), np.full((64, 96, 3), 128, np.uint8))
    text.write_text("not a video")
    for file, reason in ((tiny, "at least 128 pixels"), (text, "not a decodable video")):
        refused = signet("watermark", "detect", str(file), "--json")
        assert refused.code == 2
        assert reason in json.loads(refused.out)["error"]["message"]


def test_help_teaches_by_example(signet: Run) -> None:
    assert "signet watermark embed clip.mp4 marked.mp4 --id" in (
        signet("watermark", "embed", "--help").out
    )
    told = signet("watermark", "detect", "--help").out
    assert "signet watermark detect marked.mp4" in told
    assert "log10_false_positive" in told
