"""Guard models in the service: settings, answers, the log and the command line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from pydantic import ValidationError

from api.db.models import AuditEvent, AuditPersonal
from api.service import Service, migrate, open_service
from api.settings import Settings
from tests.api.conftest import Answer
from tests.safety.tiny_guards import HARM, save

HARMFUL = f"a {HARM} cat"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save("qwen3guard", tmp_path_factory.mktemp("guard") / "qwen")


@pytest.fixture
def service(settings: Settings, folder: Path) -> Iterator[Service]:
    """With a guard, loaded."""
    migrate(settings)
    specs = [{"model": str(folder), "family": "qwen3guard"}]
    guarded = Settings(**settings.model_dump() | {"guards": specs, "guard_seconds": 120})
    with open_service(guarded) as service:
        assert service.guards.load(120) == [None]
        yield service


def test_the_answer_and_the_log_name_the_guard(
    client: TestClient, service: Service, folder: Path
) -> None:
    (result,) = client.post("/v1/moderations", json={"input": HARMFUL}).json()["results"]
    assert result["decision"] == "block"
    assert result["flagged"]
    assert result["categories"]["violence"]
    (guard,) = result["guards"]
    assert (guard["model"], guard["label"]) == (str(folder), "Unsafe: Violent")
    assert guard["failure"] is None
    with service.database.transaction() as session:
        logged = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.type == "prompt.moderated")
        ).one()
        personal = session.get_one(AuditPersonal, logged.id).content
    assert logged.version == 4
    assert logged.data["guards"] == [
        {"model": str(folder), "revision": guard["revision"], "failure": None}
    ]
    (scores,) = json.loads(personal["scores"])["guards"]
    assert scores == guard
    assert HARM not in json.dumps(logged.data)
    answer = client.post("/v1/videos", json={"prompt": HARMFUL})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "moderation_blocked"
    assert client.post("/v1/videos", json={"prompt": "a cat"}).status_code == 200


def test_commands_use_the_guards_of_the_settings(
    signet: Callable[..., Answer], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signet("guards", "check").code == 2  # there are none
    monkeypatch.setenv("SIGNET_GUARD_SECONDS", "120")
    good = {"model": str(folder), "family": "qwen3guard"}
    unusable = {"model": str(tmp_path), "family": "shieldgemma"}
    monkeypatch.setenv("SIGNET_GUARDS", json.dumps([good, unusable]))
    checked = signet("guards", "check", "--json")
    assert checked.code == 1
    rows = [(row["family"], row["label"], row["failure"]) for row in json.loads(checked.out)]
    assert rows == [("qwen3guard", "Safe", None), ("shieldgemma", None, "unusable")]
    monkeypatch.setenv("SIGNET_GUARDS", json.dumps([good]))
    judged = signet("moderate", HARMFUL, "--json")
    assert judged.code == 1
    (guard,) = json.loads(judged.out)["guards"]
    assert guard["label"] == "Unsafe: Violent"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"model": "x", "family": "gpt"}, "no family 'gpt'"),
        ({"model": "x", "family": "llama_guard", "colour": "red"}, "colour"),
        ({"model": "x", "family": "classifier"}, "need them"),
    ],
)
def test_bad_settings_are_named(spec: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings.model_validate({"guards": [spec]})
