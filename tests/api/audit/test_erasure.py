"""What is erased is in no file any more: not as text, and in no form that confirms a guess."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

import safety
from api import auth, events
from api.app import create_app
from api.audit import erasure, tree
from api.audit.entry import entry_of
from api.audit.sequencer import sequence_all
from api.auth import Scope
from api.db import schema
from api.db.models import AuditEvent, Video
from api.db.session import Database
from api.service import Service, migrate, open_service
from api.settings import Settings
from provenance.ledger.proof_file import verify_entry
from tests.api.audit.tampering import tamper
from tests.api.conftest import Answer
from tests.api.test_videos import BLOCKED_PROMPT, HELD_PROMPT

TYPED = {
    "prompt": f"{HELD_PROMPT} in Zwiebelhausen",
    "refused prompt": f"{BLOCKED_PROMPT} on Zwiebelhausen",
    "negative prompt": "no blurred Rettichfeld",
    "appeal": "it is about the film Sellerie",
}
USER = {
    "name": "Erika Mustermann",
    "idempotency key": "order of Erika M.",
    "moderator's reason": "she asked the Kohlrabi agency",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """The service on each database, where two moderators must approve; `signet` uses it too."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    monkeypatch.setenv("SIGNET_DATABASE_URL", url)
    settings = Settings(data_dir=tmp_path / "data", worker_id="test", review_four_eyes=True)
    migrate(settings)
    with open_service(settings) as service:
        yield service


@pytest.fixture
def key(service: Service) -> str:
    """The key of the person to be erased."""
    with service.database.transaction() as session:
        return auth.create_key(
            session, name=USER["name"], tenant="t", scopes=tuple(Scope), actor="test"
        )


@pytest.fixture
def client(service: Service, key: str) -> TestClient:
    return TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def moderator(service: Service) -> TestClient:
    with service.database.transaction() as session:
        key = auth.create_key(session, name="", tenant="t", scopes=(Scope.REVIEW,), actor="test")
    return TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def held(client: TestClient, moderator: TestClient) -> str:
    """A video that one of two moderators has approved, and claimed again."""
    order = {"prompt": TYPED["prompt"], "negative_prompt": TYPED["negative prompt"]}
    headers = {"Idempotency-Key": USER["idempotency key"]}
    video_id = client.post("/v1/videos", json=order, headers=headers).json()["id"]
    grounds = {"reason": USER["moderator's reason"]}
    answer = moderator.post(f"/v1/reviews/{video_id}/approve", json=grounds)
    assert answer.json()["state"] == "open"
    moderator.post(f"/v1/reviews/{video_id}/claim")
    return str(video_id)


@pytest.fixture
def refused(client: TestClient) -> str:
    """A refused video with an appeal."""
    order = {"prompt": TYPED["refused prompt"]}
    video_id = client.post("/v1/videos", json=order).json()["subject"]
    client.post(f"/v1/videos/{video_id}/appeal", json={"reason": TYPED["appeal"]})
    return str(video_id)


def traces(service: Service, *video_ids: str) -> dict[str, bytes]:
    """What the database holds of prompts beside their text: digests, and what guesses could be
    measured by."""
    with service.database.transaction() as session:
        orders = [session.get_one(Video, video_id).request_sha256 for video_id in video_ids]
    found = {f"digest of order {number}": order.encode() for number, order in enumerate(orders)}
    scores = safety.moderate(TYPED["prompt"], TYPED["negative prompt"]).categories.values()
    found["score"] = repr(min(filter(None, scores))).encode()
    found |= {"guard's score": b"0.7654321", "frame's distance": b'31, "quality": 97'}
    with service.database.writing() as session:  # as a guard and the checks of frames leave it
        for video_id in video_ids:
            video = session.get_one(Video, video_id)
            found_there = {"check": "blocklist", "message": "m", "distance": 31, "quality": 97}
            video.moderation = {
                **video.moderation,
                "guards": [{"model": "m", "score": 0.7654321}],
                "findings": [found_there],
            }
    return found


def holding(service: Service, wanted: dict[str, bytes]) -> set[str]:
    """The names of what the files of database and data folder hold."""
    files = [path for path in service.settings.data_dir.rglob("*") if path.is_file()]
    if service.database.engine.dialect.name == "postgresql":
        with service.database.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("CHECKPOINT")
            folder, oid = connection.exec_driver_sql(
                "SELECT current_setting('data_directory'), oid FROM pg_database "
                "WHERE datname = current_database()"
            ).one()
        files += (Path(folder) / "base" / str(oid)).iterdir()
    content = b"\n".join(path.read_bytes() for path in files)
    return {name for name, text in wanted.items() if text in content}


def encoded(texts: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}


def hashed(texts: dict[str, str]) -> dict[str, bytes]:
    """Plain digests, as bytes and in hex, which are nowhere."""
    digests = {name: hashlib.sha256(text.encode()) for name, text in texts.items()}
    return {f"digest of {name}": each.digest() for name, each in digests.items()} | {
        f"hex digest of {name}": each.hexdigest().encode() for name, each in digests.items()
    }


def proofs(service: Service) -> list[tuple[bytes, bytes]]:
    """Every entry of the log with its proof."""
    sequence_all(service.database, service.log_signer)
    with service.database.transaction() as session:
        return [
            (entry_of(event), tree.prove(session, event.id))
            for event in session.scalars(sa.select(AuditEvent))
        ]


def test_erasing_leaves_no_byte_of_prompt_and_user(
    service: Service,
    client: TestClient,
    key: str,
    held: str,
    refused: str,
    signet: Callable[..., Answer],
) -> None:
    key_id = key.split("_")[1]
    wanted = encoded(TYPED | USER | {"actor": f"key:{key_id}"}) | traces(service, held, refused)
    before = proofs(service)
    assert holding(service, wanted) == set(wanted)
    for subject, count in ((held, "4 events"), (refused, "3 events"), (key_id, "1 event")):
        assert signet("audit", "erase", subject).out == f"{subject}: erased from {count}\n"
    assert holding(service, wanted | hashed(TYPED | USER)) == set()
    for entry, proof in before:
        verify_entry(entry, proof, [service.log_signer.verifier_key])
    assert signet("audit", "verify").code == 0


def test_nothing_is_made_of_what_was_erased(
    service: Service, client: TestClient, held: str, refused: str, signet: Callable[..., Answer]
) -> None:
    queued = client.post("/v1/videos", json={"prompt": "a red ball"}).json()["id"]
    for subject in (held, refused, queued):
        signet("audit", "erase", subject)
    assert client.get("/v1/reviews").json()["data"] == []
    for subject in (held, refused):
        answer = client.post(f"/v1/reviews/{subject}/approve", json={"reason": "late"})
        assert answer.status_code == 409
    for subject in (held, queued):
        assert client.get(f"/v1/videos/{subject}").json()["status"] == "cancelled"


def test_deleting_a_video_takes_what_its_caller_typed(
    service: Service,
    client: TestClient,
    key: str,
    held: str,
    refused: str,
    signet: Callable[..., Answer],
) -> None:
    wanted = encoded(TYPED) | traces(service, held, refused)
    before = proofs(service)
    assert holding(service, wanted) == set(wanted)
    for subject in (held, refused):
        assert client.delete(f"/v1/videos/{subject}").json()["deleted"]
        logged = client.get("/v1/audit/events", params={"subject": subject}).json()["data"]
        told = {event["type"]: event["personal"] for event in logged}
        assert told["video.deleted"] == {"actor": f"key:{key.split('_')[1]}"}
        assert told["prompt.moderated"] is None
        assert told["video.held" if subject == held else "video.refused"] is not None
    assert client.get("/v1/reviews").json()["data"] == []
    erasure.scrub(service.database)
    assert holding(service, wanted | hashed(TYPED)) == set()
    for entry, proof in before:
        verify_entry(entry, proof, [service.log_signer.verifier_key])
    assert signet("audit", "verify").code == 0
    retried = client.post(
        "/v1/videos",
        json={"prompt": TYPED["prompt"], "negative_prompt": TYPED["negative prompt"]},
        headers={"Idempotency-Key": USER["idempotency key"]},
    )
    assert retried.status_code == 422


def test_an_older_snapshot_that_keeps_the_bytes_is_told_of(
    service: Service, client: TestClient, held: str
) -> None:
    if service.database.engine.dialect.name == "sqlite":
        pytest.skip("there it is whoever reads, as below")
    with service.database.engine.connect() as reader:
        reader = reader.execution_options(isolation_level="REPEATABLE READ")
        reader.exec_driver_sql("SELECT count(*) FROM audit_event")
        with service.database.writing() as session:
            erasure.erase(session, held, actor="test")
        with pytest.raises(erasure.NotScrubbedError):
            erasure.scrub(service.database)
    erasure.scrub(service.database)
    assert holding(service, {"prompt": TYPED["prompt"].encode()}) == set()


def test_a_reader_that_keeps_the_bytes_is_told_of(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    with open_service(settings) as service, open_service(settings) as reading:
        sa.event.listen(
            service.database.engine,
            "connect",
            lambda connection, _record: connection.execute("PRAGMA busy_timeout=10"),
        )
        with reading.database.engine.connect() as reader:
            reader.exec_driver_sql("BEGIN")
            reader.exec_driver_sql("SELECT count(*) FROM audit_event")
            with service.database.transaction() as session:
                auth.create_key(session, name="x", tenant="t", scopes=(), actor="test")
            with pytest.raises(erasure.NotScrubbedError):
                erasure.scrub(service.database)
        erasure.scrub(service.database)


def test_an_erasure_is_of_whom_the_subject_was_first(postgres_url: str) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    with database.transaction() as session:
        for tenant in ("first", "second"):
            events.append(session, events.KeyRevoked(), tenant=tenant, actor="a", subject="key_1")
    tamper(
        database,
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "UPDATE audit_event SET type = 'key.created' WHERE tenant = 'first'",  # moves it to the end
    )
    with database.transaction() as session:
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        erasure.erase(session, "key_1", actor="cli")
        query = sa.select(AuditEvent.tenant).where(AuditEvent.type == events.SubjectErased.type)
        assert session.scalar(query) == "first"
    database.close()
