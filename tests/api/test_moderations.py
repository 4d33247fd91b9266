"""`/v1/moderations`: the de-facto shape and ours."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

import safety
from api.caller import Caller
from api.db.models import AuditEvent
from api.service import Service, open_service

HARMLESS = "a cat plays the piano"
HARMFUL = "a fabricated news report in which the president of France declares war"


def test_one_result_per_input(client: TestClient) -> None:
    answer = client.post("/v1/moderations", json={"input": [HARMLESS, HARMFUL]}).json()
    harmless, harmful = answer["results"]
    assert not harmless["flagged"]
    assert harmless["decision"] == "allow"
    assert harmful["flagged"]
    assert harmful["decision"] == "block"
    assert harmful["reasons"]
    assert set(harmless["categories"]) == set(harmless["category_scores"])
    assert "sexual/minors" in harmless["categories"]


def test_bad_input_is_named(client: TestClient) -> None:
    for body in ({}, {"input": []}, {"input": 3}, {"input": "x", "colour": "red"}):
        assert client.post("/v1/moderations", json=body).status_code == 422


def test_a_change_of_the_policy_is_logged_once(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes() -> list[str]:
        query = sa.select(AuditEvent.data).where(AuditEvent.type == "policy.changed")
        with service.database.transaction() as session:
            found = session.scalars(query.order_by(AuditEvent.id))
            return [data["policy_version"] for data in found]

    for _ in range(2):
        client.post("/v1/moderations", json={"input": HARMLESS})
    (first,) = changes()
    with open_service(service.settings) as restarted:
        restarted.judge.moderate(HARMLESS, Caller("default", "test"), subject="modr_1")
    assert changes() == [first]
    judged = safety.moderate(HARMLESS)
    monkeypatch.setattr(safety, "moderate", lambda *_, **__: replace(judged, policy_version="next"))
    client.post("/v1/moderations", json={"input": HARMLESS})
    assert changes() == [first, "next"]
