"""Rendered frames that wait for a moderator: not downloadable before, made or destroyed after."""

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
from api.db.models import AuditEvent
from api.intake import Order
from api.lifecycle import Lifecycle
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.stages import Stages
from api.worker import Worker
from api.workspace import Workspace
from safety.frames.pdq import pdq

ORDER = Order("a red ball rolls to the right", seconds=1, steps=2, seed=1)


class Listing(Stages):
    """An operator who has listed just what this clip shows: too little for a sure match."""

    def inspect(self, video_id: str, rendered: str) -> dict[str, Any]:
        assert self._settings.frame_blocklist is not None
        with self._workspace.frames(video_id, rendered) as frames:
            self._settings.frame_blocklist.write_text(f"{pdq(frames[0]).hex} a ball\n")
        return super().inspect(video_id, rendered)


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=url,
        worker_id="test",
        lease_seconds=2,
        frame_blocklist=tmp_path / "blocklist.txt",
    )
    migrate(settings)
    with open_service(settings) as service:
        yield service


@pytest.fixture
def withheld(service: Service) -> Iterator[str]:
    """The id of a video that waits, in a service with a worker."""
    settings, database = service.settings, service.database
    workspace = Workspace(service.storage, settings.data_dir / "scratch")
    worker = Worker(
        settings,
        database,
        workspace,
        Listing(settings, database, workspace, lambda: service.keyring),
        Lifecycle(settings, database, service.storage, workspace),
        service.jobs,
        [sequencer.keeper(service.sequence_log)],
        models=["demo"],
    )
    worker.start()
    video_id = service.intake.create(ORDER, Caller("default", "test")).id
    wait(service, lambda: state(service, video_id) in ("withheld", "failed", "completed"))
    yield video_id
    worker.stop()


def wait(service: Service, until: Callable[[], bool]) -> None:
    while not until():
        time.sleep(0.1)


def state(service: Service, video_id: str) -> str:
    with service.database.transaction() as session:
        return videos.get(session, video_id).state


def logged(service: Service, video_id: str) -> dict[str, Any]:
    with service.database.transaction() as session:
        query = sa.select(AuditEvent).where(AuditEvent.subject == video_id)
        return {event.type: event.data for event in session.scalars(query)}


def test_only_a_moderator_lets_doubtful_frames_out(
    service: Service, withheld: str, make_key: Callable[..., dict[str, str]]
) -> None:
    with TestClient(create_app(service), headers=make_key(*Scope)) as client:
        shown = client.get(f"/v1/videos/{withheld}").json()
        assert (shown["status"], shown["held_for_review"]) == ("in_progress", True)
        assert client.get(f"/v1/videos/{withheld}/content").status_code == 409
        statement = client.get(f"/v1/videos/{withheld}/statement").json()
        assert statement["reasons"][0]["category"] == "blocklist"
        (case,) = client.get("/v1/reviews").json()["data"]
        assert (case["kind"], case["findings"][0]["label"]) == ("frames", "a ball")
        client.post(f"/v1/reviews/{withheld}/approve", json={"reason": "another ball"})
        wait(service, lambda: state(service, withheld) in ("completed", "failed"))
        assert client.get(f"/v1/videos/{withheld}/content").status_code == 200
    events = logged(service, withheld)
    assert events["video.inspected"]["action"] == "review"
    found = events["video.inspected"]["findings"][0]
    assert (found["frame"], found["distance"], found["check"]) == (0, 0, "blocklist")
    assert {"review.approved", "video.released"} <= set(events)


@pytest.mark.parametrize("ending", ["reject", "cancel"])
def test_what_is_not_approved_is_destroyed(
    service: Service, withheld: str, make_key: Callable[..., dict[str, str]], ending: str
) -> None:
    assert service.storage.list("work/")
    with TestClient(create_app(service), headers=make_key(*Scope)) as client:
        if ending == "reject":
            client.post(f"/v1/reviews/{withheld}/reject", json={"reason": "it is the one"})
        else:
            client.post(f"/v1/videos/{withheld}/cancel")
        wait(service, lambda: not service.storage.list(""))
        assert client.get("/v1/reviews").json()["data"] == []
    assert state(service, withheld) in ("failed", "cancelled")
