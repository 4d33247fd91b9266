"""Dead and frozen workers: one video, one file, one record, and no needless render."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.caller import Caller
from api.db import videos
from api.db.models import Asset, AuditEvent, Video
from api.db.models import Worker as Lease
from api.intake import Order
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.states import State
from provenance.media import Limits
from provenance.verify import verify

STAGES = ["render", "inspect", "watermark", "encode", "sign", "prove", "record", "release"]
PATIENCE = 120.0
ORDER = Order("a red ball rolls to the right", seconds=1, steps=2, seed=1)
CALLER = Caller("default", "test")


@contextmanager
def _worker(
    settings: Settings, markers: Path, *stages: str, stop_with: str = "KILL"
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "SIGNET_DATA_DIR": str(settings.data_dir),
        "SIGNET_DATABASE_URL": settings.database_url,
        "SIGNET_STORAGE_URL": settings.storage_url,
        "SIGNET_WORKER_ID": settings.worker_id,
        "SIGNET_LEASE_SECONDS": str(settings.lease_seconds),
    }
    script = Path(__file__).with_name("killable_worker.py")
    command = [sys.executable, str(script), str(markers), stop_with, *stages]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait(condition: Callable[[], Any], message: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(0.1)


def _state(service: Service, video_id: str) -> str:
    with service.database.transaction() as session:
        return videos.get(session, video_id).state


def _assert_one_released_video(service: Service, video_id: str) -> None:
    with service.database.transaction() as session:
        video = session.scalars(sa.select(Video)).one()
        asset = session.scalars(sa.select(Asset)).one()
        events = list(session.scalars(sa.select(AuditEvent.type).order_by(AuditEvent.id)))
    assert (video.id, video.state) == (video_id, State.COMPLETED)
    for once in ("video.started", "video.rendered", "video.sealed", "video.released"):
        assert events.count(once) == 1, events
    assert [key for key in service.storage.list("") if key.endswith(".mp4")] == [asset.object_key]
    assert service.storage.list("work/") == []
    with service.storage.local_copy(asset.object_key) as path:
        report = verify(
            path,
            service.registry,
            keys=service.keyring.watermark_keys,
            trust=service.keyring.trust,
            limits=Limits(),
        )
    assert (report.verdict, report.video_id) == ("authentic", video_id)


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    folder = tmp_path / "markers"
    folder.mkdir()
    return folder


@pytest.mark.timeout(600)
def test_a_worker_killed_at_every_stage_finishes_the_one_video(
    tmp_path: Path, markers: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", worker_id="phoenix")
    migrate(settings)
    with open_service(settings) as service:
        video_id = service.intake.create(ORDER, CALLER).id
        for stage in STAGES:
            with _worker(settings, markers, *STAGES) as process:
                _wait(lambda p=process: p.poll() is not None, f"{stage}: still alive")  # type: ignore[misc]
                assert (markers / stage).exists(), f"died before {stage}"
                assert _state(service, video_id) != State.COMPLETED
        with _worker(settings, markers):
            _wait(lambda: State(_state(service, video_id)).final, "never finished")
            _wait(lambda: not service.storage.list("work/"), "never tidied up")
        _assert_one_released_video(service, video_id)
    assert (markers / "renders").read_text().count("render") == 2


@pytest.mark.timeout(600)
def test_a_surviving_worker_finishes_a_dead_ones_job(
    tmp_path: Path, markers: Path, postgres_url: str
) -> None:
    def worker_settings(worker_id: str) -> Settings:
        return Settings(
            data_dir=tmp_path / "data",
            worker_id=worker_id,
            database_url=postgres_url,
            lease_seconds=4,
        )

    first, second = worker_settings("first"), worker_settings("second")
    migrate(first)
    with open_service(first) as service:
        video_id = service.intake.create(ORDER, CALLER).id
        with _worker(first, markers, "render") as dying:
            _wait(lambda: dying.poll() is not None, "the first worker never died")
        assert _state(service, video_id) == State.IN_PROGRESS
        with _worker(second, markers):
            _wait(lambda: State(_state(service, video_id)).final, "nobody took over")
            _wait(lambda: not service.storage.list("work/"), "never tidied up")
        _assert_one_released_video(service, video_id)
    assert (markers / "renders").read_text().count("render") == 2


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", ["sign", "record"])
def test_a_frozen_worker_that_wakes_up_changes_nothing(
    tmp_path: Path, markers: Path, postgres_url: str, stage: str
) -> None:
    common = {"data_dir": tmp_path / "data", "database_url": postgres_url, "lease_seconds": 4}
    first = Settings(worker_id="first", **common)  # type: ignore[arg-type]
    second = Settings(worker_id="second", **common)  # type: ignore[arg-type]
    migrate(first)
    with open_service(first) as service:
        video_id = service.intake.create(ORDER, CALLER).id
        with _worker(first, markers, stage, stop_with="STOP") as frozen:
            _wait((markers / stage).exists, "the first worker never froze")
            with _worker(second, markers):
                _wait(lambda: State(_state(service, video_id)).final, "nobody took over")
                frozen.send_signal(signal.SIGCONT)
                awake = datetime.now(UTC)
                _wait(lambda: _renewed_since(service, "first", awake), "the first never woke up")
                _wait(lambda: not service.storage.list("work/"), "never tidied up")
        _assert_one_released_video(service, video_id)


def _renewed_since(service: Service, worker_id: str, moment: datetime) -> bool:
    with service.database.transaction() as session:
        row = session.get(Lease, worker_id)
        return row is not None and row.seen > moment
