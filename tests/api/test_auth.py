"""API keys and scopes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import auth
from api.auth import Scope
from api.db.models import ApiKey, AuditEvent
from api.db.session import Database
from api.errors import UnauthorizedError
from api.routes.dependencies import key_of
from api.service import Service

MakeKey = Callable[..., dict[str, str]]


def _create(database: Database, **kwargs: object) -> str:
    with database.transaction() as session:
        return auth.create_key(
            session,
            name="test",
            tenant="default",
            scopes=[Scope.GENERATE],
            actor="test",
            **kwargs,  # type: ignore[arg-type]
        )


def _accepted(database: Database, text: str) -> bool:
    with database.transaction() as session:
        return auth.find_key(session, text) is not None


def test_a_key_is_accepted_until_it_is_revoked(database: Database) -> None:
    key = _create(database)
    assert _accepted(database, key)
    with database.transaction() as session:
        assert auth.revoke_key(session, key.split("_")[1], actor="test")
        assert not auth.revoke_key(session, key.split("_")[1], actor="test")
    assert not _accepted(database, key)


def test_an_expired_key_is_refused(database: Database) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    assert not _accepted(database, _create(database, expires_at=past))


def test_the_secret_is_not_stored(database: Database) -> None:
    secret = _create(database).split("_", 2)[2]
    with database.transaction() as session:
        row = session.query(ApiKey).one()
        assert secret not in str(vars(row))


def test_tries_with_a_known_key_are_logged_but_cannot_fill_the_log(
    client: TestClient, make_key: MakeKey
) -> None:
    key = make_key(Scope.AUDIT)["Authorization"].split()[1]
    key_id = key.split("_")[1]
    for attempt in (f"sgn_{key_id}_guess", f"sgn_{key_id}_guess", "sgn_0_unknown", "nonsense"):
        answer = client.get("/v1/videos", headers={"Authorization": f"Bearer {attempt}"})
        assert answer.status_code == 401
    refused = client.get("/v1/audit/events", params={"type": "key.refused"}).json()["data"]
    assert [event["subject"] for event in refused] == [key_id]


def test_tries_at_once_are_logged_once(service: Service, make_key: MakeKey) -> None:
    key_id = make_key(Scope.AUDIT)["Authorization"].split("_")[1]
    tries = 8
    together = threading.Barrier(tries)

    def attempt(_number: int) -> None:
        together.wait()
        with pytest.raises(UnauthorizedError):
            key_of(service, f"sgn_{key_id}_guess")

    with ThreadPoolExecutor(tries) as pool:
        list(pool.map(attempt, range(tries)))
    with service.database.transaction() as session:
        query = sa.select(AuditEvent.id).where(AuditEvent.type == "key.refused")
        assert len(session.scalars(query).all()) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=80))
def test_no_other_text_is_a_key(database: Database, text: str) -> None:
    assert not _accepted(database, text)
    assert not _accepted(database, f"sgn_{text}")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/videos", Scope.GENERATE),
        ("POST", "/v1/videos", Scope.GENERATE),
        ("POST", "/v1/moderations", Scope.MODERATE),
    ],
)
def test_each_route_wants_its_scope(
    client: TestClient, make_key: MakeKey, method: str, path: str, scope: Scope
) -> None:
    others = make_key(*(set(Scope) - {scope}))
    answer = client.request(method, path, headers=others, json={"prompt": "x", "input": "x"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "missing_scope"
    del client.headers["Authorization"]
    answer = client.request(method, path, json={"prompt": "x", "input": "x"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_tenant_sees_only_its_own_videos(client: TestClient, make_key: MakeKey) -> None:
    created = client.post("/v1/videos", json={"prompt": "a red ball on the grass"}).json()
    stranger = make_key(*Scope, tenant="other")
    path = f"/v1/videos/{created['id']}"
    assert client.get(path).status_code == 200
    for method, suffix in (("GET", ""), ("GET", "/content"), ("DELETE", ""), ("POST", "/cancel")):
        answer = client.request(method, path + suffix, headers=stranger)
        assert answer.status_code == 404
    assert client.get("/v1/videos", headers=stranger).json()["data"] == []
