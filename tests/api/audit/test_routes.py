"""What outsiders and auditors get from /v1/audit."""

from collections.abc import Callable
from datetime import datetime

import pytest
from fastapi.testclient import TestClient

from api import events
from api.audit import heads
from api.audit.sequencer import sequence_all
from api.auth import Scope
from api.service import Service
from provenance.ledger.checkpoint import open_checkpoint
from provenance.ledger.keys import VerifierKey
from provenance.ledger.proof_file import verify_entry
from provenance.ledger.proofs import verify_consistency
from tests.api.audit.tampering import drop_triggers, tamper


def bundle_entries(bundle: bytes) -> list[bytes]:
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


def test_an_outsider_checks_an_entry_with_the_log_alone(
    client: TestClient, service: Service
) -> None:
    client.post("/v1/videos", json={"prompt": "a red ball"})
    sequence_all(service.database, service.log_signer)
    event = client.get("/v1/audit/events", params={"type": "video.created"}).json()["data"][0]

    outsider = TestClient(client.app)
    key = VerifierKey.parse(outsider.get("/v1/audit/key").json()["verifier_key"])
    signed = outsider.get("/v1/audit/checkpoint").content
    checkpoint, _ = open_checkpoint(signed, [key])
    bundle = outsider.get(f"/v1/audit/tile/entries/000.p/{checkpoint.size}").content
    entry = bundle_entries(bundle)[event["place"]]
    proof = outsider.get(f"/v1/audit/events/{event['id']}/proof").content
    assert verify_entry(entry, proof, [key]).index == event["place"]
    assert b"a red ball" not in bundle


def test_an_outsider_bounds_the_time_of_an_event_from_both_sides(
    client: TestClient, service: Service
) -> None:
    for number in range(3):
        client.post("/v1/videos", json={"prompt": f"ball {number}"})
        sequence_all(service.database, service.log_signer)
    params = {"type": "video.created"}
    event = client.get("/v1/audit/events", params=params).json()["data"][1]
    outsider = TestClient(client.app)
    key = service.log_signer.verifier_key
    entry = outsider.get(f"/v1/audit/events/{event['id']}/entry")
    assert entry.headers["content-type"] == "application/json"
    assert entry.json()["id"] == event["id"]
    proof = outsider.get(f"/v1/audit/events/{event['id']}/proof", params={"first": True})
    found = verify_entry(entry.content, proof.content, [key])
    after = heads.claims(found.checkpoint)
    assert after.previous is not None
    assert after.previous <= event["place"] < found.checkpoint.size
    note = outsider.get("/v1/audit/checkpoint", params={"covering": after.previous}).content
    head, _ = open_checkpoint(note, [key])
    before = heads.claims(head)
    assert head.size == after.previous
    assert before.signed is not None
    assert after.signed is not None
    assert before.signed < datetime.fromisoformat(event["time"]) < after.signed
    beyond = outsider.get("/v1/audit/checkpoint", params={"covering": 2**62})
    assert beyond.status_code == 404


def test_the_log_only_grows(client: TestClient, service: Service) -> None:
    signed_heads = []
    for prompt in ("a red ball", "a blue ball"):
        client.post("/v1/videos", json={"prompt": prompt})
        sequence_all(service.database, service.log_signer)
        signed = client.get("/v1/audit/checkpoint").content
        signed_heads.append(open_checkpoint(signed, [service.log_signer.verifier_key])[0])
    old, new = signed_heads
    grown = client.get("/v1/audit/growth", params={"from_size": old.size, "to_size": new.size})
    proof = [bytes.fromhex(each) for each in grown.json()["proof"]]
    verify_consistency(old.size, new.size, proof, old.root, new.root)
    beyond = {"from_size": old.size, "to_size": new.size + 1}
    assert client.get("/v1/audit/growth", params=beyond).status_code == 404
    backwards = {"from_size": new.size, "to_size": old.size}
    refused = client.get("/v1/audit/growth", params=backwards)
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "from_size")


def test_events_are_filtered_paged_and_kept_apart_by_tenant(
    client: TestClient, service: Service, make_key: Callable[..., dict[str, str]]
) -> None:
    ids = [
        client.post("/v1/videos", json={"prompt": f"ball {number}"}).json()["id"]
        for number in range(3)
    ]
    first = client.get("/v1/audit/events", params={"type": "video.created", "limit": 2}).json()
    assert [each["subject"] for each in first["data"]] == ids[:0:-1]
    assert first["has_more"]
    rest = client.get(
        "/v1/audit/events", params={"type": "video.created", "after": first["last_id"]}
    ).json()
    assert [each["subject"] for each in rest["data"]] == ids[:1]
    about = client.get("/v1/audit/events", params={"subject": ids[0]}).json()["data"]
    assert [each["type"] for each in about] == ["video.created", "prompt.moderated"]
    assert about[1]["personal"]["prompt"] == "ball 0"
    stranger = make_key(Scope.AUDIT, tenant="other")
    mine = client.get("/v1/audit/events", headers=stranger).json()["data"]
    assert {each["tenant"] for each in mine} == {"other"}
    for wrong in (
        {"colour": "red"},
        {"after": 2**63},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
    ):
        assert client.get("/v1/audit/events", params=wrong).status_code == 422
        assert client.get("/v1/audit/export", params=wrong).status_code == 422
    for name, choice in (("type", "video.sealed"), ("action", "review"), ("category", "fraud")):
        refused = client.get("/v1/audit/events", params={name: "frauds"})
        assert (refused.status_code, refused.json()["error"]["param"]) == (422, name)
        assert choice in refused.json()["detail"]
    assert client.get("/v1/audit/events", headers=make_key(Scope.VERIFY)).status_code == 403


def test_what_is_nobodys_is_shown_to_every_auditor(
    client: TestClient, service: Service, make_key: Callable[..., dict[str, str]]
) -> None:
    checked = events.LogChecked(entries=3, findings=0)
    with service.database.transaction() as session:
        events.append(session, checked, tenant=events.PUBLIC, actor="cli")
    for tenant in ("default", "other"):
        headers = make_key(Scope.AUDIT, tenant=tenant)
        params = {"public": "true", "type": "log.checked"}
        found = client.get("/v1/audit/events", params=params, headers=headers).json()["data"]
        assert [each["data"] for each in found] == [{"entries": 3, "findings": 0}]
    with pytest.raises(ValueError, match="public"):
        make_key(Scope.AUDIT, tenant=events.PUBLIC)


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    tiles = ["0/000", "0/x", "entries/999", f"entries/{6 * 'x999/'}999"]
    for path in (
        *(f"tile/{tile}" for tile in tiles),
        "events/99/proof",
        "events/99/entry",
        "checkpoint",
    ):
        assert client.get(f"/v1/audit/{path}").status_code == 404


def test_a_row_that_cannot_be_read_is_shown_as_such(
    client: TestClient, service: Service, make_key: Callable[..., dict[str, str]]
) -> None:
    key = make_key(Scope.AUDIT)["Authorization"].removeprefix("Bearer ")
    service.sequence_log()
    drop_triggers(service.database)
    tamper(service.database, "UPDATE audit_event SET data = 'no JSON' WHERE id = 1")
    *others, unreadable = client.get("/v1/audit/events").json()["data"]
    assert others
    assert unreadable == {"id": 1, "object": "audit.event.unreadable", "place": 0}
    client.cookies.set("signet_key", key)
    assert "cannot be read" in client.get("/log").text
