"""`signet generate` on a machine without a server, and what the other commands say of its file."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def signet(tmp_path: Path) -> Run:
    """Runs `signet` in processes of their own, on data of this test's own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).with_name("signet")), *arguments],
            env={**os.environ, "SIGNET_DATA_DIR": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_video_is_generated_verified_and_found_altered(
    signet: Run, tmp_path: Path, natural_clip: Path
) -> None:
    out = tmp_path / "out.mp4"
    made = signet(
        *("generate", "a red ball rolls to the right", "-o", str(out)),
        *("--seconds", "1", "--steps", "2", "--seed", "7", "--json"),
    )
    assert made.returncode == 0, made.stderr
    facts = json.loads(made.stdout)
    assert (facts["seed"], facts["num_frames"], facts["width"]) == (7, 9, 720)

    verified = signet("verify", str(out), "--json")
    report = json.loads(verified.stdout)[0]
    assert verified.returncode == 0
    assert (report["verdict"], report["video_id"]) == ("authentic", facts["id"])

    marked = signet("watermark", "detect", str(out), "--json")
    assert json.loads(marked.stdout)["mark_id"] == facts["mark_id"]

    shown = signet("credentials", "show", str(out), "--json")
    assert json.loads(shown.stdout)["manifest_label"] == facts["manifest_label"]

    mixed = signet("verify", str(out), str(natural_clip))
    assert mixed.returncode == 1
    assert "authentic" in mixed.stdout
    assert "unknown" in mixed.stdout
