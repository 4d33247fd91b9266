"""Rendered frames that wait for a moderator: not downloadable before, made or destroyed after."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Scope
from api.caller import Caller
from api.clock import now
from api.consents import Release
from api.db import videos
from api.db.consents import ConsentScope
from api.db.models import AuditEvent
from api.intake import Order
from api.service import Service, migrate, open_service
from api.settings import Settings
from tests.safety.test_blocklist import classifier

ORDER = Order("Tom Hanks waters a plant", seconds=1, steps=2, seed=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=url,
        worker_id="test",
        lease_seconds=2,
        frame_classifier=classifier(tmp_path / "model", "review: 0.0, block: never"),
    )
    migrate(settings)
    with open_service(settings) as service:
        yield service


@pytest.fixture
def consent(service: Service) -> str:
    """The id of what lets the prompt pass."""
    release = Release(
        "Tom Hanks", [], ConsentScope.ANY_DEPICTION, None, "0" * 64, now() + timedelta(days=1)
    )
    return service.consents.record(release, Caller("default", "test")).id


@pytest.fixture
def withheld(service: Service, consent: str) -> Iterator[str]:
    """The id of a video that waits, in a service with a worker."""
    worker = service.worker(models=["demo"], produces=True)
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
        assert statement["reasons"][0]["category"] == "classifier"
        (case,) = client.get("/v1/reviews").json()["data"]
        assert (case["kind"], case["findings"][0]["label"]) == ("frames", "LABEL_0")
        sheet = client.get(f"/v1/reviews/{withheld}/frames")
        assert (sheet.headers["content-type"], sheet.headers["cache-control"]) == (
            "image/jpeg",
            "no-store",
        )
        assert cv2.imdecode(np.frombuffer(sheet.content, np.uint8), 1).shape == (236, 960, 3)
        assert logged(service, withheld)["review.frames_shown"] == {"frames": [0, 4, 8]}
        for headers, status in (
            (make_key(Scope.GENERATE, Scope.AUDIT, Scope.ADMIN), 403),
            (make_key(Scope.REVIEW, tenant="other"), 404),
            ({"Authorization": ""}, 401),
        ):
            refused = client.get(f"/v1/reviews/{withheld}/frames", headers=headers)
            assert refused.status_code == status
        client.post(f"/v1/reviews/{withheld}/approve", json={"reason": "another ball"})
        wait(service, lambda: state(service, withheld) in ("completed", "failed"))
        assert client.get(f"/v1/videos/{withheld}/content").status_code == 200
        closed = client.get(f"/v1/reviews/{withheld}/frames")
        assert (closed.status_code, closed.json()["error"]["code"]) == (410, "gone")
    events = logged(service, withheld)
    assert events["video.inspected"]["action"] == "review"
    found = events["video.inspected"]["findings"][0]
    assert (found["check"], found["label"], found["rule"]) == ("classifier", "LABEL_0", "sexual")
    assert found["frame"] in (0, 4, 8)
    assert set(found) == {"check", "action", "frame", "label", "rule"}, "no measure of a guess"
    assert {"review.approved", "video.released"} <= set(events)


@pytest.mark.parametrize("ending", ["reject", "cancel", "revoke"])
def test_what_is_not_approved_is_destroyed(
    service: Service,
    consent: str,
    withheld: str,
    make_key: Callable[..., dict[str, str]],
    ending: str,
) -> None:
    assert service.storage.list("work/")
    with TestClient(create_app(service), headers=make_key(*Scope)) as client:
        if ending == "reject":
            client.post(f"/v1/reviews/{withheld}/reject", json={"reason": "it is the one"})
        elif ending == "cancel":
            client.post(f"/v1/videos/{withheld}/cancel")
        else:
            client.post(f"/v1/consents/{consent}/revoke")
            wait(service, lambda: state(service, withheld) == "failed")
            statement = client.get(f"/v1/videos/{withheld}/statement").json()
            assert "destroyed" in statement["decision"]
            assert [each["category"] for each in statement["reasons"]] == ["consent"]
        assert client.get(f"/v1/reviews/{withheld}/frames").status_code == 410
        wait(service, lambda: not service.storage.list(""))
        assert client.get("/v1/reviews").json()["data"] == []
    assert state(service, withheld) in ("failed", "cancelled")
