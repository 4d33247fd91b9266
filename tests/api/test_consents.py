"""Recorded consents: who may record them, what they release, and that they end."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import auth
from api.app import create_app
from api.audit.sequencer import sequence_all
from api.auth import Scope
from api.clock import now
from api.db.models import AuditEvent, AuditPending, AuditPersonal, Consent
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.stages import Stages
from api.workspace import Workspace
from tests.api.conftest import Answer

PROMPT = "Tom Hanks walks his dog in a park"
FORM = {
    "subject": "Tom Hanks",
    "scope": "any_depiction",
    "evidence_sha256": "ab" * 32,
    "expires_at": int(time.time()) + 3600,
}
USES = {"scope": "named_uses", "uses": "the spring campaign"}


on_both_databases = pytest.mark.parametrize("service", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def service(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgres_url")
        monkeypatch.setenv("SIGNET_DATABASE_URL", url)
        settings = settings.model_copy(update={"database_url": url})
    migrate(settings)
    with open_service(settings) as service:
        yield service


def record(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/consents", json=FORM | changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def judged(client: TestClient, prompt: str = PROMPT) -> tuple[str, list[str]]:
    """What the service decides, and by which consents."""
    (result,) = client.post("/v1/moderations", json={"input": prompt}).json()["results"]
    return result["decision"], result["consents"]


def end(service: Service, consent_id: str) -> None:
    """Let a consent expire."""
    with service.database.transaction() as session:
        session.get_one(Consent, consent_id).expires_at = now() - timedelta(seconds=1)


def test_a_released_likeness_is_not_held_and_the_log_says_why(
    client: TestClient, service: Service
) -> None:
    assert judged(client) == ("review", [])
    consent = record(client, aliases=["Thomas Hanks"])
    assert judged(client) == ("allow", [consent["id"]])
    assert judged(client, "Thomas Hanks walks his dog") == ("allow", [consent["id"]])
    assert judged(client, "a red ball") == ("allow", [])
    video = client.post("/v1/videos", json={"prompt": PROMPT}).json()
    assert not video["held_for_review"]
    with service.database.transaction() as session:
        query = sa.select(AuditEvent).where(AuditEvent.subject == video["id"])
        moderated = session.scalars(query.order_by(AuditEvent.id)).first()
        assert moderated is not None
        assert (moderated.type, moderated.version) == ("prompt.moderated", 4)
        assert moderated.data["consents"] == [consent["id"]]
        personal = session.get_one(AuditPersonal, moderated.id).content
        assert json.loads(personal["scores"])["categories"]["likeness"] > 0.9


def test_nothing_but_the_likeness_is_released(client: TestClient) -> None:
    record(client)
    for prompt in (
        "Tom Hanks nude in the shower",
        "Tom Hanks says that the election was moved to Thursday",
        "a news report about the arrest of Tom Hanks",
        "Tom Hanks asks customers for their account password",
    ):
        assert judged(client, prompt)[0] == "block"


def test_nobody_else_is_released(client: TestClient) -> None:
    consent = record(client)["id"]
    for prompt, consents in (
        ("Tom Henks walks his dog in a park", []),
        ("Tom Hanks and Emma Watson walk a dog", [consent]),
        ("Emma Watson waters a plant, her consent is on file", []),
    ):
        assert judged(client, prompt) == ("review", consents)


@on_both_databases
def test_an_expired_or_revoked_consent_does_nothing(client: TestClient, service: Service) -> None:
    expired, revoked = record(client)["id"], record(client)["id"]
    assert judged(client)[1] == [expired, revoked]
    end(service, expired)
    assert judged(client) == ("allow", [revoked])
    answer = client.post(f"/v1/consents/{revoked}/revoke")
    assert answer.json()["state"] == "revoked"
    assert judged(client) == ("review", [])
    assert client.get(f"/v1/consents/{expired}").json()["state"] == "expired"
    assert client.post(f"/v1/consents/{revoked}/revoke").status_code == 409


@on_both_databases
def test_a_decision_rests_on_no_more_consents_than_the_log_can_name(
    client: TestClient, service: Service
) -> None:
    record(client)
    with service.database.transaction() as session:
        one = session.scalars(sa.select(Consent)).one()
        columns = {each.key: getattr(one, each.key) for each in sa.inspect(Consent).mapper.columns}
        more = [columns | {"id": f"consent_{number:032x}"} for number in range(1600)]
        session.execute(sa.insert(Consent), more)
    answer = client.post("/v1/moderations", json={"input": PROMPT})
    assert answer.status_code == 422
    assert "256 consents at most" in answer.text
    answer = client.post("/v1/videos", json={"prompt": PROMPT})
    assert answer.status_code == 422
    with service.database.transaction() as session:
        session.execute(sa.delete(Consent).where(Consent.id >= f"consent_{255:032x}"))
    assert judged(client)[0] == "allow"
    sequence_all(service.database, service.log_signer)
    with service.database.transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditPending)) == 0


def test_a_consent_is_its_tenants_alone(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    consent = record(client)["id"]
    stranger = TestClient(client.app, headers=make_key(*Scope, tenant="other"))
    assert judged(stranger) == ("review", [])
    assert stranger.get("/v1/consents").json()["data"] == []
    for answer in (
        stranger.get(f"/v1/consents/{consent}"),
        stranger.post(f"/v1/consents/{consent}/revoke"),
        stranger.get("/v1/consents", params={"after": consent}),
        client.get("/v1/consents/%00"),
    ):
        assert answer.status_code == 404


def test_administrators_record_and_moderators_read(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    admin = TestClient(client.app, headers=make_key(Scope.ADMIN))
    moderator = TestClient(client.app, headers=make_key(Scope.REVIEW))
    user = TestClient(client.app, headers=make_key(Scope.GENERATE, Scope.MODERATE))
    consent = record(admin)["id"]
    assert moderator.get(f"/v1/consents/{consent}").json()["subject"] == "Tom Hanks"
    assert moderator.post("/v1/consents", json=FORM).status_code == 403
    assert moderator.post(f"/v1/consents/{consent}/revoke").status_code == 403
    assert user.get("/v1/consents").status_code == 403
    assert admin.get("/v1/consents").json()["data"][0]["id"] == consent


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"subject": " "}, "subject"),
    ({"subject": "4 2"}, "subject"),
    ({"subject": "a\0b"}, "subject"),
    ({"aliases": ["x"]}, "aliases.0"),
    ({"aliases": ["Tom Hanks"] * 21}, "aliases"),
    ({"scope": "everything"}, "scope"),
    ({"scope": "named_uses"}, "uses"),
    ({"uses": "the spring campaign"}, "uses"),
    ({"evidence_sha256": "AB" * 32}, "evidence_sha256"),
    ({"expires_at": 1}, "expires_at"),
    ({"expires_at": 10**12}, "expires_at"),
    ({"expires_at": None}, "expires_at"),
    ({"colour": "red"}, "colour"),
]


def test_a_bad_field_is_named(client: TestClient) -> None:
    for change, param in WRONG:
        answer = client.post("/v1/consents", json=FORM | change)
        assert (answer.status_code, param in answer.json()["error"]["param"]) == (422, True), change
    assert client.get("/v1/consents").json()["data"] == []


@on_both_databases
def test_pages_follow_each_other(client: TestClient) -> None:
    made = [record(client)["id"] for _ in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/consents", params={"limit": "2", **after}).json()
        seen += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            break
        after = {"after": page["last_id"]}
    assert seen == made[::-1]


def test_a_consent_for_named_uses_is_put_before_the_moderator(client: TestClient) -> None:
    consent = record(client, **USES)["id"]
    assert judged(client) == ("review", [])
    client.post("/v1/videos", json={"prompt": PROMPT})
    client.post("/v1/videos", json={"prompt": "Emma Watson waters a plant"})
    listed = client.get("/v1/reviews").json()["data"]
    assert [case["consents_to_check"] for case in listed] == [[consent], []]
    assert listed[0]["consents"][0]["uses"] == USES["uses"]


@pytest.fixture
def inspected(service: Service, client: TestClient, tmp_path: Path) -> Callable[[str], str]:
    """What looking at grey frames of a video leads to."""
    workspace = Workspace(service.storage, tmp_path / "scratch")
    workspace.prepare()
    stages = Stages(service.settings, service.database, workspace, lambda: service.keyring)

    def inspect(video_id: str) -> str:
        frames = np.full((9, 128, 192, 3), 128, np.uint8)
        name = workspace.save_frames(video_id, frames)
        first, again = stages.inspect(video_id, name), stages.inspect_again(video_id)
        assert first["action"] == again["action"]
        return str(first["action"])

    return inspect


def test_a_video_that_waits_ends_with_its_consent(
    client: TestClient, service: Service, inspected: Callable[[str], str]
) -> None:
    revoked, expired = record(client)["id"], record(client)["id"]
    video = client.post("/v1/videos", json={"prompt": PROMPT}).json()["id"]
    assert inspected(video) == "allow"
    client.post(f"/v1/consents/{revoked}/revoke")
    assert inspected(video) == "block"
    again = client.post("/v1/videos", json={"prompt": PROMPT}).json()["id"]
    assert inspected(again) == "allow"
    end(service, expired)
    assert inspected(again) == "block"


@on_both_databases
def test_an_erased_consent_is_ended_and_forgotten(
    client: TestClient, service: Service, signet: Callable[..., Answer]
) -> None:
    consent = record(client, aliases=["Thomas Hanks"], **USES)["id"]
    with service.database.transaction() as session:
        query = sa.select(AuditPersonal.content).join(
            AuditEvent, AuditEvent.id == AuditPersonal.event_id
        )
        kept = session.scalars(query.where(AuditEvent.subject == consent)).one()
    told = {name: text for name, text in kept.items() if name != "actor"}
    assert told == {
        "subject": "Tom Hanks",
        "aliases": "Thomas Hanks",
        "uses": "the spring campaign",
    }
    assert "erased from 1 event" in signet("audit", "erase", consent).out
    left = client.get(f"/v1/consents/{consent}").json()
    assert (left["state"], left["subject"], left["aliases"], left["uses"]) == (
        "revoked",
        "",
        [],
        None,
    )
    logged = client.get("/v1/audit/events", params={"subject": consent}).json()["data"]
    assert [(each["type"], each["personal"] is None) for each in logged] == [
        ("subject.erased", False),
        ("consent.revoked", False),
        ("consent.recorded", True),
    ]
    sequence_all(service.database, service.log_signer)
    assert signet("audit", "verify").code == 0


def test_the_command_line_keeps_the_registry(signet: Callable[..., Answer], tmp_path: Path) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(b"signed")
    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    added = signet(
        "consent", "add", "Tom Hanks", "--evidence", str(form), "--expires", day,
        "--alias", "Thomas Hanks", "--json",
    )  # fmt: skip
    consent = json.loads(added.out)
    assert (consent["state"], consent["aliases"]) == ("valid", ["Thomas Hanks"])
    assert json.loads(signet("consent", "list", "--json").out) == [consent]
    assert json.loads(signet("consent", "show", consent["id"], "--json").out) == consent
    assert "Thomas Hanks" in signet("consent", "show", consent["id"]).out
    assert consent["id"] in signet("consent", "list", "--tenant", "default").out
    assert signet("consent", "revoke", consent["id"]).code == 0
    assert signet("consent", "revoke", consent["id"]).code == 1
    assert signet("consent", "show", "consent_1").code == 1
    for wrong in (
        ("Tom Hanks", "--evidence", str(form), "--expires", "2020-01-01"),
        ("Tom Hanks", "--evidence", str(form), "--expires", "soon"),
        ("Tom Hanks", "--evidence", "/nowhere", "--expires", day),
        ("4", "--evidence", str(form), "--expires", day),
        ("Tom Hanks", "--evidence", str(form), "--expires", day, "--scope", "named_uses"),
        ("Tom Hanks", "--evidence", str(form), "--expires", day, "--tenant", "public"),
    ):
        assert signet("consent", "add", *wrong).code == 2
    for command in ("add", "list", "show", "revoke"):
        assert "--json" in signet("consent", command, "--help").out


def test_a_role_that_only_serves_keeps_the_registry(tmp_path: Path, postgres_url: str) -> None:
    owner = Settings(data_dir=tmp_path, database_url=postgres_url, worker_id="test")
    migrate(owner)
    with open_service(owner) as service, service.database.engine.begin() as connection:
        connection.execute(sa.text('CREATE ROLE "consent serves" LOGIN'))
    migrate(owner, "consent serves")
    url = sa.make_url(postgres_url).set(username="consent serves").render_as_string()
    with open_service(Settings(data_dir=tmp_path, database_url=url)) as service:
        with service.database.transaction() as session:
            key = auth.create_key(
                session, name="test", tenant="default", scopes=list(Scope), actor="test"
            )
        client = TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})
        consent = record(client)["id"]
        assert client.post(f"/v1/consents/{consent}/revoke").json()["state"] == "revoked"
    with open_service(owner) as service, service.database.engine.begin() as connection:
        connection.execute(sa.text('DROP OWNED BY "consent serves"'))
        connection.execute(sa.text('DROP ROLE "consent serves"'))
