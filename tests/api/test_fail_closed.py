"""A file that cannot prove its own origin is never released, and the log says why."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from api.audit import sequencer
from api.auth import Scope
from api.caller import Caller
from api.db import videos
from api.db.models import Asset, AuditEvent, AuditPersonal
from api.intake import Order
from api.lifecycle import Lifecycle
from api.service import Service
from api.stages import Stages
from api.states import State
from api.worker import Worker
from api.workspace import Workspace
from provenance.watermark import embed

ORDER = Order("a red ball rolls to the right", seconds=1, steps=2, seed=1)


class FlippedByte(Stages):
    """A disk that corrupts the signed file."""

    def sign(self, video_id: str, encoded: str, parameters: dict[str, Any]) -> dict[str, Any]:
        signed = super().sign(video_id, encoded, parameters)
        with self._workspace.open(video_id, signed["file"]) as path:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        return signed


class WrongMark(Stages):
    """An embedder that writes another video's id."""

    def watermark(self, video_id: str, rendered: str) -> str:
        with self._workspace.frames(video_id, rendered) as frames:
            marked = embed(frames, 42, self._keyring().watermark_keys[0])
            return self._workspace.save_frames(video_id, marked)


class NoMark(Stages):
    """An embedder that does nothing."""

    def watermark(self, _video_id: str, rendered: str) -> str:
        return rendered


class ReadOnlyStore(Stages):
    """A store that no longer takes the finished file."""

    def prove(
        self, video_id: str, signed: dict[str, Any], encoded: dict[str, str]
    ) -> dict[str, Any]:
        evidence = super().prove(video_id, signed, encoded)
        videos_folder = self._settings.data_dir / "objects" / "videos"
        videos_folder.write_bytes(b"a file where the folder should be")
        return evidence


@pytest.fixture
def run(service: Service) -> Iterator[Callable[[type[Stages]], str]]:
    """Produces one video with faulty stages; returns its id."""
    workers: list[Worker] = []

    def run(faulty: type[Stages]) -> str:
        settings, database = service.settings, service.database
        workspace = Workspace(service.storage, settings.data_dir / "scratch")
        worker = Worker(
            settings,
            database,
            workspace,
            faulty(settings, database, workspace, lambda: service.keyring),
            Lifecycle(settings, database, service.storage, workspace),
            service.jobs,
            [sequencer.keeper(service.sequence_log)],
            models=["demo"],
        )
        worker.start()
        workers.append(worker)
        video_id = service.intake.create(ORDER, Caller("default", "test")).id
        while not _final(service, video_id) or service.storage.list("work/"):
            time.sleep(0.1)
        return video_id

    yield run
    for worker in workers:
        worker.stop()


def _final(service: Service, video_id: str) -> bool:
    with service.database.transaction() as session:
        return State(videos.get(session, video_id).state).final


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (FlippedByte, "not_authentic"),
        (WrongMark, "not_authentic"),
        (NoMark, "not_authentic"),
        (ReadOnlyStore, "record_failed"),
    ],
)
def test_nothing_unproved_is_released(
    service: Service,
    run: Callable[[type[Stages]], str],
    make_key: Callable[..., dict[str, str]],
    faulty: type[Stages],
    code: str,
) -> None:
    video_id = run(faulty)
    with TestClient(create_app(service), headers=make_key(*Scope)) as client:
        shown = client.get(f"/v1/videos/{video_id}").json()
        assert shown["status"] == "failed"
        assert shown["error"]["code"] == code
        assert client.get(f"/v1/videos/{video_id}/content").status_code == 409
    assert [key for key in service.storage.list("") if key.endswith((".mp4", ".npy"))] == []
    with service.database.transaction() as session:
        assert session.scalars(sa.select(Asset)).all() == []
        event = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.type == "video.failed")
        ).one()
        assert event.data["code"] == code
        said = session.get_one(AuditPersonal, event.id).content  # may quote, so can be erased
        assert event.data["detail"].get("verdict") or said["error"]


def test_an_error_that_quotes_the_prompt_is_kept_only_where_it_can_be_erased(
    service: Service, run: Callable[[type[Stages]], str]
) -> None:
    class Quoting(Stages):
        def render(self, video_id: str, _on_step: Callable[[int, int], None]) -> dict[str, Any]:
            raise ValueError(f"no such word in {self._video(video_id).prompt!r}")

    run(Quoting)
    with service.database.transaction() as session:
        said = session.scalars(
            sa.select(AuditPersonal)
            .join(AuditEvent, AuditEvent.id == AuditPersonal.event_id)
            .where(AuditEvent.type == "video.failed")
        ).one()
        assert ORDER.prompt in said.content["error"]
    engine = list(service.settings.data_dir.glob("engine.sqlite*"))
    assert engine
    assert not any(ORDER.prompt.encode() in file.read_bytes() for file in engine)


def test_faces_for_a_likeness_are_destroyed(
    service: Service, run: Callable[[type[Stages]], str], tmp_path: Path
) -> None:
    """The frame check's answer decides: a blocked clip leaves no picture behind."""

    class Blocked(Stages):
        def inspect(self, video_id: str, rendered: str) -> dict[str, Any]:
            return {**super().inspect(video_id, rendered), "action": "block", "reasons": ["a face"]}

    video_id = run(Blocked)
    with service.database.transaction() as session:
        assert videos.get(session, video_id).error_code == "frames_blocked"
    assert service.storage.list("") == []
