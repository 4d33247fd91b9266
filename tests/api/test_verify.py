"""`/v1/verify` under hostile uploads: a verdict or a clear refusal, and nothing left behind."""

import contextlib
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from api.db.models import AuditEvent, AuditPersonal
from api.service import Service, migrate, open_service
from api.settings import Settings
from generator.encode import encode
from provenance import credentials
from provenance.watermark import embed
from tests.provenance.test_media import encode as encoded
from tests.provenance.test_media import moving_square

MAX_SERVER_GROWTH = 100 * 2**20
MAX_CHILD_BYTES = 400 * 2**20


def _upload(client: TestClient, content: bytes) -> tuple[int, dict[str, Any]]:
    answer = client.post("/v1/verify", files={"file": ("clip.mp4", content, "video/mp4")})
    return answer.status_code, answer.json()


def test_anybody_may_ask_about_a_foreign_clip(
    client: TestClient, service: Service, natural_clip: Path
) -> None:
    del client.headers["Authorization"]
    status, report = _upload(client, natural_clip.read_bytes())
    assert status == 200
    assert report["verdict"] == "unknown"
    assert "not evidence" in str(report["summary"])
    with service.database.transaction() as session:
        event = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.type == "file.verified")
        ).one()
        personal = session.get(AuditPersonal, event.id)
        assert personal is not None
        assert personal.content == {"actor": "public"}
        assert set(event.data) == {"sha256", "verdict"}


def test_a_wrong_key_is_not_the_public(client: TestClient) -> None:
    client.headers["Authorization"] = "Bearer sgn_0000_wrong"
    assert _upload(client, b"x")[0] == 401


@pytest.mark.parametrize(
    "content", [b"", b"not a video", b"\x00" * 100_000, b"#EXTM3U\nfile:///etc/passwd"]
)
def test_garbage_is_unreadable(client: TestClient, content: bytes) -> None:
    status, report = _upload(client, content)
    assert status == 200
    assert report["verdict"] == "unreadable"


def test_a_file_that_would_keep_the_manifest_reader_busy_for_hours_is_cut_off(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "READ_SECONDS", 1)
    boxes = b"\x00\x00\x00\x10ftypisom\x00\x00\x02\x00" + b"\x00\x00\x00\x08free" * 130_000
    status, report = _upload(client, boxes)
    assert status == 200
    assert report["verdict"] == "unreadable"
    assert "too long" in str(report["credential"])


def test_a_stream_whose_frames_change_their_size_is_refused(client: TestClient) -> None:
    small, large = moving_square(), moving_square(height=144, width=176)
    status, body = _upload(client, encoded(small, "mpegts") + encoded(large, "mpegts"))
    assert status == 422
    assert body["error"]["code"] == "unsupported_video"
    assert "size changes" in str(body["detail"])


def test_sentences_come_in_the_language_that_is_asked_for(client: TestClient) -> None:
    answer = client.post("/v1/verify?lang=fr", files={"file": b"no video"})
    assert answer.json()["summary"].startswith("Ce fichier")
    assert client.post("/v1/verify?lang=xx", files={"file": b"no video"}).status_code == 422


def test_only_one_file_is_taken(client: TestClient) -> None:
    two = [("file", ("a.mp4", b"x")), ("file", ("b.mp4", b"x"))]
    assert client.post("/v1/verify", files=two).status_code == 422
    assert client.post("/v1/verify", files={"video": ("a.mp4", b"x")}).status_code == 422
    assert client.post("/v1/verify", data={"file": "text"}).status_code == 422
    assert client.post("/v1/verify", json={"file": "x"}).status_code == 422


@contextlib.contextmanager
def _limited_client(tmp_path: Path, **limits: object) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path / "limited", **limits)  # type: ignore[arg-type]
    migrate(settings)
    with open_service(settings) as service, TestClient(create_app(service)) as client:
        yield client


@pytest.mark.parametrize(
    "limits",
    [
        {"verify_max_bytes": 1000},
        {"verify_max_seconds": 1.0},
        {"verify_max_frames": 5},
        {"verify_max_pixels": 720 * 480 * 10},
    ],
)
def test_each_limit_answers_413(
    tmp_path: Path, natural_clip: Path, limits: dict[str, object]
) -> None:
    with _limited_client(tmp_path, **limits) as client:
        status, body = _upload(client, natural_clip.read_bytes())
        assert status == 413
        assert "limit" in str(body["detail"]) or "large" in str(body["detail"])


def test_the_rate_limit_says_when_to_come_back(tmp_path: Path) -> None:
    with _limited_client(tmp_path, verify_rate="2/minute") as client:
        assert [_upload(client, b"x")[0] for _ in range(2)] == [200, 200]
        answer = client.post("/v1/verify", files={"file": b"x"})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


def _flip_bits(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 60)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _truncate(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def _repeat(content: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(content))
    content[start:start] = content[start : start + chance.randrange(5000)]


def _scramble_header(content: bytearray, chance: random.Random) -> None:
    for _ in range(8):
        content[chance.randrange(min(len(content), 4000))] = chance.randrange(256)


def test_mutated_videos_never_break_the_server(
    client: TestClient,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    confined_children: Callable[[], list[psutil.Process]],
) -> None:
    """200 mutants of an MP4: no 5xx, no hang, bounded memory, no child and no file left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    frames = np.random.default_rng(0).integers(96, 160, (8, 128, 160, 3), np.uint8)
    # Marked, so that only mutants whose mark is damaged need the long search for it.
    encode(embed(frames, 42, service.keyring.watermark_keys[0]), 8, tmp_path / "marked.mp4")
    original = (tmp_path / "marked.mp4").read_bytes()
    mutations: list[Callable[[bytearray, random.Random], None]] = [
        _flip_bits,
        _truncate,
        _repeat,
        _scramble_header,
    ]
    before_any = set(tmp_path.iterdir())
    process = psutil.Process()
    _upload(client, original)
    before = process.memory_info().rss
    statuses = set()
    lock = threading.Lock()
    finished = threading.Event()
    largest_child, named = 0, set(tmp_path.iterdir())

    def watch() -> None:
        nonlocal largest_child
        while not finished.wait(0.1):
            named.update(tmp_path.iterdir())
            for child in confined_children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    largest_child = max(largest_child, child.memory_info().rss)

    def attack(numbers: range) -> None:
        for number in numbers:
            chance = random.Random(number)
            content = bytearray(original)
            mutations[number % len(mutations)](content, chance)
            status, body = _upload(client, bytes(content))
            with lock:
                statuses.add(status)
                assert status < 500, body

    watcher = threading.Thread(target=watch)
    threads = [threading.Thread(target=attack, args=(range(i, 200, 2),)) for i in range(2)]
    for thread in (watcher, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    finished.set()
    watcher.join()
    assert statuses <= {200, 413}
    assert 0 < largest_child < MAX_CHILD_BYTES
    assert process.memory_info().rss - before < MAX_SERVER_GROWTH
    assert confined_children() == []
    assert named == set(tmp_path.iterdir()) == before_any
