"""`/v1/videos` without a worker: admission, listing, cancelling and deleting."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.caller import Caller
from api.db.models import AuditEvent, Video
from api.errors import NotFoundError
from api.intake import Order
from api.service import Service

PROMPT = "a red circle moves left to right over a blue background"
HELD_PROMPT = "Tom Hanks walks his dog in a park"
BLOCKED_PROMPT = "a fabricated news report in which the president of France declares war"


def _create(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/videos", json={"prompt": PROMPT, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_json_and_form_make_the_same_video(client: TestClient) -> None:
    fields = {"seconds": "4", "size": "720x480", "seed": "7", "steps": "3"}
    as_json = _create(client, **fields)
    as_form = client.post(
        "/v1/videos", files={k: (None, v) for k, v in fields.items()} | {"prompt": (None, PROMPT)}
    ).json()
    for field in ("seconds", "size", "seed", "steps", "num_frames", "fps", "status", "model"):
        assert as_json[field] == as_form[field]
    assert as_json["num_frames"] == 33
    assert as_json["status"] == "queued"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"size": "64x64"}, "size"),
        ({"size": "nonsense"}, "size"),
        ({"seconds": 7.3}, "seconds"),
        ({"seconds": "NaN"}, "seconds"),
        ({"steps": 0}, "steps"),
        ({"steps": 10_000}, "steps"),
        ({"guidance_scale": 99}, "guidance_scale"),
        ({"seed": -1}, "seed"),
        ({"model": "/etc"}, "model"),
        ({"model": "zai-org/CogVideoX-5b"}, "model"),
        ({"colour": "red"}, "colour"),
        ({"visible_label": "middle"}, "visible_label"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 10_001}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": "a\0b"}, "prompt"),
        ({"negative_prompt": "a\0b"}, "negative_prompt"),
    ],
)
def test_a_bad_field_is_named(client: TestClient, fields: dict[str, Any], param: str) -> None:
    answer = client.post("/v1/videos", json={"prompt": PROMPT, **fields})
    assert answer.status_code == 422
    body = answer.json()
    assert body["error"]["param"].endswith(param)
    assert body["detail"] == body["error"]["message"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == body["request_id"]


def test_the_operators_visible_label_can_be_moved_and_not_left_out(
    client: TestClient, service: Service
) -> None:
    assert _create(client)["visible_label"] is None
    assert _create(client, visible_label="top_left")["visible_label"] == "top_left"
    service.settings.visible_label = "bottom_right"
    assert _create(client, visible_label="top_left")["visible_label"] == "top_left"
    assert _create(client, visible_label=None)["visible_label"] == "bottom_right"


def test_half_a_surrogate_pair_is_named(client: TestClient) -> None:
    answer = client.post(
        "/v1/videos",
        content=b'{"prompt": "a \\ud800"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["param"] == "prompt"


@pytest.mark.parametrize("path", ["%00", "video_%00", "..%2f..", "x" * 5000, "%ed%a0%80"])
def test_a_strange_id_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/v1/videos/{path}").status_code == 404
    assert client.get("/v1/videos", params={"after": "\0"}).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"prompt": ' + b"[" * 254 + b"]" * 254 + b"}", "application/json"),
        (b"prompt=x", "text/plain"),
        (b"garbage", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
    ],
)
def test_an_unreadable_body_is_a_clear_400(client: TestClient, content: bytes, kind: str) -> None:
    answer = client.post("/v1/videos", content=content, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["message"]


def test_a_huge_body_is_413(client: TestClient) -> None:
    answer = client.post("/v1/videos", json={"prompt": "x" * 2**21})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_refused_prompt_is_no_video_of_the_list(client: TestClient, service: Service) -> None:
    answer = client.post("/v1/videos", json={"prompt": BLOCKED_PROMPT})
    assert answer.status_code == 400
    body = answer.json()
    assert body["error"]["code"] == "moderation_blocked"
    assert body["policy_version"]
    assert body["statement_of_reasons"]["appeal"]
    assert client.get("/v1/videos").json()["data"] == []
    with service.database.transaction() as session:
        event = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.type == "prompt.moderated")
        ).one()
        assert event.data["action"] == "block"
        assert BLOCKED_PROMPT not in str(event.data)


def test_a_doubtful_prompt_waits_for_a_moderator(client: TestClient, service: Service) -> None:
    held = client.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()
    assert held["held_for_review"]
    assert held["status"] == "queued"
    moderator = Caller(tenant="default", actor="moderator")
    service.reviews.reject(held["id"], moderator, "no consent")
    rejected = client.get(f"/v1/videos/{held['id']}").json()
    assert rejected["status"] == "failed"
    assert rejected["error"]["code"] == "moderation_rejected"


def test_only_a_held_video_can_be_reviewed(client: TestClient, service: Service) -> None:
    queued = _create(client)["id"]
    moderator = Caller(tenant="default", actor="moderator")
    for decide in (service.reviews.approve, service.reviews.reject):
        with pytest.raises(NotFoundError):
            decide(queued, moderator, "by mistake")
    assert client.get(f"/v1/videos/{queued}").json()["status"] == "queued"


def test_a_held_video_can_be_cancelled(client: TestClient) -> None:
    held = client.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()
    cancelled = client.post(f"/v1/videos/{held['id']}/cancel").json()
    assert (cancelled["status"], cancelled["held_for_review"]) == ("cancelled", False)


def test_an_idempotency_key_makes_one_video(client: TestClient) -> None:
    headers = {"Idempotency-Key": "order-1"}
    body = {"prompt": PROMPT, "seed": 1}
    first = client.post("/v1/videos", json=body, headers=headers).json()
    again = client.post("/v1/videos", json=body, headers=headers).json()
    assert first["id"] == again["id"]
    other = client.post("/v1/videos", json={**body, "seed": 2}, headers=headers)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"


def test_racing_requests_with_one_key_make_one_video(service: Service) -> None:
    caller, ids = Caller("default", "test"), []

    def create() -> None:
        ids.append(service.intake.create(Order(PROMPT, seed=1), caller, "order-1").id)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    with service.database.transaction() as session:
        moderated = sa.select(AuditEvent.subject).where(AuditEvent.type == "prompt.moderated")
        assert session.scalars(moderated).all() == ids[:1], "no prompt is left without a video"


def test_identity_is_written_before_anything_is_rendered(
    client: TestClient, service: Service
) -> None:
    ids = [_create(client)["id"] for _ in range(3)]
    with service.database.transaction() as session:
        rows = session.scalars(sa.select(Video)).all()
    assert {row.id for row in rows} == set(ids)
    assert len({row.mark_id for row in rows}) == 3
    assert all(row.manifest_label.startswith("urn:c2pa:") for row in rows)


def test_the_quota_bounds_unfinished_videos(client: TestClient, service: Service) -> None:
    for _ in range(service.settings.max_active_videos):
        _create(client)
    answer = client.post("/v1/videos", json={"prompt": PROMPT})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "quota_exceeded"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_cover_everything_once(client: TestClient, order: str) -> None:
    created = [_create(client)["id"] for _ in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/videos", params={"limit": 2, "order": order, **after}).json()
        seen += [video["id"] for video in page["data"]]
        assert page["first_id"] == page["data"][0]["id"]
        if not page["has_more"]:
            break
        after = {"after": page["last_id"]}
    assert seen == (created if order == "asc" else created[::-1])


def test_a_cancelled_video_stays_cancelled(client: TestClient) -> None:
    path = f"/v1/videos/{_create(client)['id']}"
    assert client.post(f"{path}/cancel").json()["status"] == "cancelled"
    assert client.post(f"{path}/cancel").status_code == 409
    assert client.get(f"{path}/content").status_code == 409


def test_a_deleted_video_is_gone_and_its_prompt_erased(
    client: TestClient, service: Service
) -> None:
    video_id = _create(client)["id"]
    path = f"/v1/videos/{video_id}"
    assert client.delete(path).json() == {
        "id": video_id,
        "object": "video.deleted",
        "deleted": True,
    }
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404
    with service.database.transaction() as session:
        row = session.get_one(Video, video_id)
        assert row.prompt is None
        assert row.state == "cancelled"


def test_events_tell_the_place_in_the_queue(client: TestClient) -> None:
    _create(client)
    second = _create(client)["id"]
    with client.stream("GET", f"/v1/videos/{second}/events") as stream:
        lines = stream.iter_lines()
        line = next(line for line in lines if line.startswith("data:"))
        assert '"queue_position":1' in line.replace(" ", "")
        client.post(f"/v1/videos/{second}/cancel")
        last = [line for line in lines if line.startswith("data:")][-1]
        assert '"cancelled"' in last
