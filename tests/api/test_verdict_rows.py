"""Every row of the table in docs/verdicts.md, reached by a file that is uploaded."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from imwatermark import WatermarkEncoder

from api.app import create_app
from api.service import open_service
from api.settings import Settings
from generator.encode import encode
from provenance.generator_marks import MESSAGES
from provenance.media import Limits, decode
from tests.api.released import FPS, Released, release, stripped
from tests.api.test_c2pa_vectors import Stranger, created, span


@dataclass(frozen=True)
class Material:
    """A service's client and what its files are made of: two released videos, the pictures of the
    first before they were marked, and pictures that are nobody's."""

    client: TestClient
    folder: Path
    first: Released
    second: Released
    plain: np.ndarray
    foreign: np.ndarray
    stranger: Stranger

    def ask(self, content: bytes) -> dict[str, Any]:
        answer = self.client.post("/v1/verify", files={"file": ("file", content)})
        assert answer.status_code == 200
        report: dict[str, Any] = answer.json()
        return report

    def file(self, frames: np.ndarray) -> bytes:
        encode(frames, FPS, self.folder / "file.mp4")
        return (self.folder / "file.mp4").read_bytes()

    def named(self, frames: np.ndarray) -> bytes:
        """A stranger's signature under the name of the first video's manifest."""
        says = created("trainedAlgorithmicMedia")
        return self.stranger.sign(says, clip=self.file(frames), label=self.first.manifest_label)


@pytest.fixture(scope="module")
def material(
    tmp_path_factory: pytest.TempPathFactory, migrated_data: Path, natural_clip: Path
) -> Iterator[Material]:
    folder = tmp_path_factory.mktemp("rows")
    data = shutil.copytree(migrated_data, folder / "data")
    settings = Settings(data_dir=Path(data), worker_id="test", verify_rate="1000/minute")
    with decode(natural_clip, Limits()) as clip:
        plain = clip.frames[::6, 100:356, 200:520].copy()
    cells = np.random.default_rng(5).uniform(0, 255, (9, 14, 3)).astype(np.float32)
    scene = np.clip(cv2.resize(cells, (400, 300), interpolation=cv2.INTER_CUBIC), 0, 255)
    foreign = np.stack([scene[t : t + 256, 2 * t : 2 * t + 320] for t in range(len(plain))])
    with open_service(settings) as service, TestClient(create_app(service)) as client:
        first = release(service, folder, plain)
        second = release(service, folder, foreign[:, ::-1].astype(np.uint8))
        stranger = Stranger(folder)
        yield Material(client, folder, first, second, plain, foreign.astype(np.uint8), stranger)


def _another_manifest(m: Material) -> bytes:
    content = m.first.path.read_bytes()
    start, end = span(content, b"uuid")
    return stripped(m.second, m.folder).read_bytes() + content[start:end]


def _pasted_mark(m: Material) -> bytes:
    residual = m.first.frames.astype(np.int16) - m.plain
    return m.file(np.clip(m.foreign + residual, 0, 255).astype(np.uint8))


def _covered(m: Material) -> bytes:
    """Without the mark, and with a cover over the middle, which the looks begin with."""
    pictures = m.plain.copy()
    pictures[:, 64:192, 80:240] = (250, 240, 90)
    return m.named(pictures)


def _open_mark(m: Material) -> bytes:
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", list(MESSAGES["FLUX"]))
    picture = np.ascontiguousarray(m.plain[0, ..., ::-1])
    return cv2.imencode(".png", encoder.encode(picture, "dwtDct"))[1].tobytes()


ROWS: list[tuple[int, Callable[[Material], bytes], str, str, bool]] = [
    (1, lambda m: m.first.path.read_bytes()[:3000], "unreadable", "not be decoded", False),
    (2, _another_manifest, "conflicting", "different videos", True),
    (3, _pasted_mark, "transplanted", "suspected forgery", True),
    (3, lambda m: m.named(m.foreign), "transplanted", "suspected forgery", True),
    (4, lambda m: m.first.path.read_bytes(), "authentic", "unchanged", True),
    (5, lambda m: stripped(m.first, m.folder).read_bytes(), "altered", "carries", True),
    (6, lambda m: m.file(np.concatenate([m.first.frames, m.foreign])), "partial", "parts", True),
    (7, lambda m: m.named(m.plain), "altered", "can no longer be read", True),
    (8, _covered, "unknown", "cannot be told", True),
    (
        9,
        lambda m: m.stranger.sign(created("trainedAlgorithmicMedia")),
        "other_generator",
        "",
        False,
    ),
    (9, _open_mark, "other_generator", "open mark of FLUX", False),
    (10, lambda m: m.stranger.clip, "unknown", "not evidence", False),
]


@pytest.mark.parametrize(
    ("row", "make", "verdict", "words", "named"), ROWS, ids=[f"{r[0]}-{r[2]}" for r in ROWS]
)
def test_every_row_is_reached_by_an_upload(
    material: Material,
    row: int,
    make: Callable[[Material], bytes],
    verdict: str,
    words: str,
    named: bool,
) -> None:
    report = material.ask(make(material))
    assert (row, report["verdict"]) == (row, verdict)
    assert words in report["summary"]
    assert (report["video_id"] is not None) == named


def test_no_row_is_left_out() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text()
    rows = {line.split("|")[1].strip() for line in documented.splitlines() if line[:1] == "|"}
    assert {int(row) for row in rows if row.isdecimal()} == {row for row, *_ in ROWS}
