"""Heads of the log leave the house: to witnesses that keep it honest, and to a webhook."""

import base64
import json
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from pydantic import ValidationError
from standardwebhooks import Webhook

from api.app import create_app
from api.audit import publisher
from api.audit.publisher import Publisher
from api.audit.sequencer import sequence_all
from api.auth import Scope, create_key
from api.service import Service, migrate, open_service
from api.settings import Settings
from provenance.ledger.checkpoint import open_checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign, cosignatures
from provenance.ledger.keys import VerifierKey
from provenance.ledger.note import Note
from provenance.ledger.proofs import verify_consistency
from provenance.ledger.witness import AddCheckpoint
from tests.api.audit.test_log import add

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()


class Drips(bytes):
    """An answer that is sent byte by byte, for ever."""


class HeaderDrips(bytes):
    """A header that never ends, a piece every twentieth of a second."""


class Outside:
    """A witness after C2SP tlog-witness, and a webhook's receiver, on one port."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.key = WitnessKey("witness.example", self.private.public_key().public_bytes_raw())
        self.size, self.root = 0, b""
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.broken = False

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self.broken:
            return 500, b"broken"
        if path == "/hook":
            self.received.append((headers, body))
            return 204, b""
        assert path == "/add-checkpoint"
        request = AddCheckpoint.parse(body)
        checkpoint, note = open_checkpoint(request.signed, [self.log])
        if request.old_size != self.size:
            return 409, f"{self.size}\n".encode()
        if self.size:
            verify_consistency(
                self.size, checkpoint.size, list(request.proof), self.root, checkpoint.root
            )
        self.size, self.root = checkpoint.size, checkpoint.root
        line = cosign(note.text, self.key.name, self.private, 1_800_000_000)
        return 200, f"{line}\n".encode()

    log: VerifierKey


@pytest.fixture
def outside() -> Iterator[tuple[Outside, str]]:
    world = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, answer = world.answer(self.path, dict(self.headers), body)
            self.send_response(status)
            if not isinstance(answer, Drips | HeaderDrips):
                self.send_header("content-length", str(len(answer)))
            with suppress(ConnectionError):
                while isinstance(answer, HeaderDrips):
                    self.flush_headers()
                    self.wfile.write(answer)
                    hung_up, _, _ = select.select([self.connection], [], [], 0.05)
                    if hung_up:
                        return
                self.end_headers()
                self.wfile.write(answer)
                while isinstance(answer, Drips):
                    self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield world, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def published(
    tmp_path: Path, outside: tuple[Outside, str]
) -> Iterator[tuple[Service, Callable[[], None]]]:
    """A service whose log has a witness and a webhook, and what publishes its newest head."""
    world, url = outside
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "log_witnesses": [{"url": url, "key": str(world.key)}],
            "log_webhook": {"url": f"{url}/hook", "secret": SECRET},
        }
    )
    migrate(settings)
    with open_service(settings) as service:
        world.log = service.log_signer.verifier_key
        tells = Publisher(settings, service.database)

        def publish() -> None:
            sequence_all(service.database, service.log_signer)
            tells.publish()

        yield service, publish


def test_a_witness_cosigns_heads_that_only_grow(
    outside: tuple[Outside, str], published: tuple[Service, Callable[[], None]]
) -> None:
    world, _ = outside
    service, publish = published
    client = TestClient(create_app(service))
    assert client.get("/v1/audit/checkpoint/cosigned").status_code == 404
    for count in (3, 300, 1):
        add(service.database, count)
        publish()
        signed = client.get("/v1/audit/checkpoint/cosigned").content
        checkpoint, note = open_checkpoint(signed, [world.log])
        assert checkpoint.size == world.size
        assert cosignatures(note, [world.key]) == {world.key: 1_800_000_000}
        assert Note.parse(client.get("/v1/audit/checkpoint").content).text == note.text
    assert world.size == 304
    elsewhere = Settings(data_dir=service.settings.data_dir)  # which knows no witness
    with open_service(elsewhere) as stranger:
        client = TestClient(create_app(stranger))
        assert client.get("/v1/audit/checkpoint/cosigned").status_code == 404


def test_a_witness_that_has_seen_more_than_we_remember_is_asked_again(
    outside: tuple[Outside, str], published: tuple[Service, Callable[[], None]]
) -> None:
    world, _ = outside
    service, publish = published
    add(service.database, 5)
    publish()
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit_cosignature")
    add(service.database, 5)
    publish()
    assert world.size == 10


def test_a_witness_that_is_away_is_asked_later(
    outside: tuple[Outside, str], published: tuple[Service, Callable[[], None]]
) -> None:
    world, _ = outside
    service, publish = published
    add(service.database, 5)
    world.broken = True
    publish()
    assert world.size == 0
    with service.database.transaction() as session:
        key = create_key(session, name="a", tenant="t", scopes=[Scope.AUDIT], actor="test")
    auditor = TestClient(create_app(service))
    auditor.post("/login", data={"key": key})
    health = auditor.get("/log/health").text
    assert "Witness witness.example" in health
    assert "Webhook at 127.0.0.1" in health
    assert health.count(">never<") == 2  # took one
    assert health.count(": status 500") == 2
    assert health.count('class="review">1<') == 2  # newer head
    world.broken = False
    publish()
    assert world.size == 6
    assert len(world.received) == 1
    health = auditor.get("/log/health").text
    assert health.count("UTC, 6 entries") == 2
    assert health.count(">none<") == 2


def test_the_webhook_gets_each_head_once_and_can_tell_whose_it_is(
    outside: tuple[Outside, str], published: tuple[Service, Callable[[], None]]
) -> None:
    world, _ = outside
    service, publish = published
    add(service.database, 2)
    publish()
    publish()
    ((headers, body),) = world.received
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["accept-encoding"] == "identity"  # what is short stays short
    message = Webhook(SECRET).verify(body, headers)
    assert message == json.loads(body)
    assert message["type"] == "audit.checkpoint"
    checkpoint, _ = open_checkpoint(message["data"]["note"].encode(), [world.log])
    assert checkpoint.size == message["data"]["size"] == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_witnesses": [{"url": "https://w.example", "key": "w.example+00000000+AAAA"}]},
        {"log_webhook": {"url": "https://w.example", "secret": "whsec_"}},
        {"log_webhook": {"url": "nowhere", "secret": SECRET}},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


@pytest.mark.parametrize("answer", [b"9" * 5000, b"\xff", b"-1", b"7\n" * 100_000])
def test_a_witness_that_answers_nonsense_keeps_nobody_else_from_the_head(
    outside: tuple[Outside, str],
    published: tuple[Service, Callable[[], None]],
    answer: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, _ = outside
    service, publish = published
    add(service.database, 2)
    sane = world.answer

    def nonsense(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        return (409, answer) if path == "/add-checkpoint" else sane(path, headers, body)

    monkeypatch.setattr(world, "answer", nonsense)
    publish()
    assert len(world.received) == 1
    client = TestClient(create_app(service))
    assert client.get("/v1/audit/checkpoint/cosigned").status_code == 404


def test_an_answer_without_an_end_holds_nobody_up(
    outside: tuple[Outside, str],
    published: tuple[Service, Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, _ = outside
    service, publish = published
    add(service.database, 2)
    sane = world.answer
    monkeypatch.setattr(world, "answer", lambda *_request: (200, Drips(b"x")))
    publish()  # too long
    with monkeypatch.context() as hasty:
        hasty.setattr(publisher, "_LARGEST_ANSWER", 2**40)
        hasty.setattr(publisher, "_TIMEOUT_SECONDS", 1.0)
        publish()  # too slow
        hasty.setattr(world, "answer", lambda *_request: (200, HeaderDrips(b"x")))
        publish()  # before there is anything of a body
    monkeypatch.setattr(world, "answer", sane)
    publish()
    assert world.size == 2
    assert len(world.received) == 1
