"""The API on PostgreSQL, which refuses texts that SQLite takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import auth
from api.app import create_app
from api.auth import Scope
from api.service import migrate, open_service
from api.settings import Settings


@pytest.fixture
def client(tmp_path: Path, postgres_url: str) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path, database_url=postgres_url, worker_id="test")
    migrate(settings)
    with open_service(settings) as service:
        with service.database.transaction() as session:
            key = auth.create_key(
                session, name="test", tenant="default", scopes=list(Scope), actor="test"
            )
        headers = {"Authorization": f"Bearer {key}"}
        with TestClient(create_app(service), headers=headers) as client:
            yield client


def test_a_video_is_created_listed_cancelled_and_deleted(client: TestClient) -> None:
    video = client.post("/v1/videos", json={"prompt": "a red ball"}).json()
    path = f"/v1/videos/{video['id']}"
    assert client.get("/v1/videos").json()["data"][0]["id"] == video["id"]
    assert client.post(f"{path}/cancel").json()["status"] == "cancelled"
    assert client.delete(path).json()["deleted"]
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("text", ["a\0b", "\0", "é\0"])
def test_nul_is_refused_and_never_a_server_error(client: TestClient, text: str) -> None:
    assert client.post("/v1/videos", json={"prompt": text}).status_code == 422
    assert client.post("/v1/moderations", json={"input": text}).status_code == 200
    assert client.get("/v1/videos/%00").status_code == 404
    assert client.get("/v1/videos", params={"after": text}).status_code == 404
    assert client.get("/v1/reviews", params={"after": text}).status_code == 404
    assert client.post("/v1/reviews/%00/claim").status_code == 404
    for name in ("type", "subject", "actor", "action", "category"):
        assert client.get("/v1/audit/events", params={name: text}).status_code == 422
    assert (
        client.get("/v1/videos", headers={"Authorization": "Bearer sgn_%00_x"}).status_code == 401
    )
