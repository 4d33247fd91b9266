"""Moderators decide on held videos and on appeals; every act is in the log."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Scope
from api.db.models import AuditEvent, Review
from api.service import Service, migrate, open_service
from api.settings import Settings
from tests.api.test_videos import BLOCKED_PROMPT, HELD_PROMPT


@pytest.fixture
def held(client: TestClient) -> str:
    """A video that waits for a moderator."""
    return str(client.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()["id"])


@pytest.fixture
def refused(client: TestClient) -> str:
    """A video that the classifier refused."""
    return str(client.post("/v1/videos", json={"prompt": BLOCKED_PROMPT}).json()["subject"])


@pytest.fixture
def moderator(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> Callable[[], TestClient]:
    """Makes moderators with keys of their own."""
    return lambda: TestClient(client.app, headers=make_key(Scope.REVIEW))


def logged(service: Service, video_id: str) -> list[str]:
    with service.database.transaction() as session:
        return list(
            session.scalars(
                sa.select(AuditEvent.type)
                .where(AuditEvent.subject == video_id)
                .order_by(AuditEvent.id)
            )
        )


def test_a_held_video_is_in_the_queue_until_it_is_approved(
    client: TestClient, service: Service, held: str
) -> None:
    (case,) = client.get("/v1/reviews").json()["data"]
    assert (case["id"], case["kind"], case["prompt"]) == (held, "held", HELD_PROMPT)
    assert case["reasons"][0]["message"]
    answer = client.post(f"/v1/reviews/{held}/approve", json={"reason": "consent on file"})
    assert answer.json()["state"] == "approved"
    assert client.get("/v1/reviews").json()["data"] == []
    (decided,) = client.get("/v1/reviews?state=approved").json()["data"]
    assert client.get(f"/v1/reviews/{held}").json() == decided
    (decision,) = decided["decisions"]
    assert (decision["decision"], decision["final"]) == ("approved", True)
    assert (decision["reason"], decision["by"][:4]) == ("consent on file", "key:")
    assert client.get(f"/v1/reviews/{held}/frames").status_code == 404
    assert not client.get(f"/v1/videos/{held}").json()["held_for_review"]
    assert logged(service, held) == ["prompt.moderated", "video.held", "review.approved"]


def test_a_rejected_video_has_failed_and_says_that_a_person_decided(
    client: TestClient, held: str
) -> None:
    assert client.get(f"/v1/videos/{held}/statement").json()["automated"]
    client.post(f"/v1/reviews/{held}/reject", json={"reason": "no consent"})
    video = client.get(f"/v1/videos/{held}").json()
    assert (video["status"], video["error"]["code"]) == ("failed", "moderation_rejected")
    statement = client.get(f"/v1/videos/{held}/statement").json()
    assert "by a moderator" in statement["decision"]
    assert not statement["automated"]
    late = client.post(f"/v1/reviews/{held}/approve", json={"reason": "late"})
    assert late.status_code == 409


def test_a_refused_caller_gets_reasons_and_can_appeal_once(
    client: TestClient, service: Service, refused: str
) -> None:
    statement = client.get(f"/v1/videos/{refused}/statement").json()
    assert statement["automated"]
    assert statement["reasons"][0]["category"]
    assert f"/v1/videos/{refused}/appeal" in statement["appeal"]
    appealed = client.post(f"/v1/videos/{refused}/appeal", json={"reason": "it is a film prop"})
    assert appealed.status_code == 200
    assert "waits" in appealed.json()["appeal"]
    assert client.get(f"/v1/videos/{refused}/statement").json() == appealed.json()
    again = client.post(f"/v1/videos/{refused}/appeal", json={"reason": "please"})
    assert again.status_code == 409
    (case,) = client.get("/v1/reviews").json()["data"]
    assert (case["kind"], case["appeal"]) == ("appeal", "it is a film prop")
    assert client.get(f"/v1/videos/{refused}").json()["status"] == "failed"
    client.post(f"/v1/reviews/{refused}/approve", json={"reason": "harmless"})
    revived = client.get(f"/v1/videos/{refused}").json()
    assert (revived["status"], revived["error"]) == ("queued", None)
    assert logged(service, refused) == [
        "prompt.moderated",
        "video.refused",
        "review.appealed",
        "review.approved",
    ]


def test_only_refused_videos_can_be_appealed(client: TestClient, held: str) -> None:
    answer = client.post(f"/v1/videos/{held}/appeal", json={"reason": "hurry"})
    assert answer.status_code == 409


def test_a_refused_order_is_refused_again_under_the_same_key(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    subjects = {
        client.post("/v1/videos", json={"prompt": BLOCKED_PROMPT}, headers=headers).json()[
            "subject"
        ]
        for _ in range(2)
    }
    assert len(subjects) == 1


def test_a_claimed_case_is_its_moderators_alone(
    client: TestClient, moderator: Callable[[], TestClient], held: str
) -> None:
    one, other = moderator(), moderator()
    assert one.post(f"/v1/reviews/{held}/claim").status_code == 200
    refusal = other.post(f"/v1/reviews/{held}/claim")
    assert refusal.status_code == 409
    until = one.get(f"/v1/reviews/{held}").json()["claimed_until"]
    assert f"until {datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M:%S} UTC" in refusal.text
    assert other.post(f"/v1/reviews/{held}/release").status_code == 409
    assert other.post(f"/v1/reviews/{held}/reject", json={"reason": "x"}).status_code == 409
    assert one.post(f"/v1/reviews/{held}/release").status_code == 200
    assert one.post(f"/v1/reviews/{held}/release").status_code == 409
    assert other.post(f"/v1/reviews/{held}/claim").status_code == 200
    assert other.post(f"/v1/reviews/{held}/reject", json={"reason": "x"}).status_code == 200
    assert one.get(f"/v1/reviews/{held}").json()["claimed_by"] is None


def test_a_forgotten_claim_ends(
    client: TestClient, service: Service, moderator: Callable[[], TestClient], held: str
) -> None:
    one, other = moderator(), moderator()
    one.post(f"/v1/reviews/{held}/claim")
    with service.database.transaction() as session:
        case = session.get_one(Review, held)
        assert case.claimed_at is not None
        case.claimed_at = case.claimed_at.replace(year=2020)
    assert other.get(f"/v1/reviews/{held}").json()["claimed_by"] is None
    assert other.post(f"/v1/reviews/{held}/claim").status_code == 200


def test_others_have_no_part_in_it(
    client: TestClient, make_key: Callable[..., dict[str, str]], held: str
) -> None:
    stranger = TestClient(client.app, headers=make_key(Scope.REVIEW, tenant="other"))
    assert stranger.get("/v1/reviews").json()["data"] == []
    refusal = stranger.post(f"/v1/reviews/{held}/approve", json={"reason": "x"})
    assert refusal.status_code == 404
    assert stranger.get(f"/v1/reviews/{held}").status_code == 404
    user = TestClient(client.app, headers=make_key(Scope.GENERATE))
    assert user.get("/v1/reviews").status_code == 403


def test_cancelled_and_deleted_videos_leave_the_queue(client: TestClient, refused: str) -> None:
    held = client.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()["id"]
    client.post(f"/v1/videos/{refused}/appeal", json={"reason": "please"})
    client.post(f"/v1/videos/{held}/cancel")
    client.delete(f"/v1/videos/{refused}")
    assert client.get("/v1/reviews").json()["data"] == []
    answer = client.post(f"/v1/reviews/{refused}/approve", json={"reason": "x"})
    assert answer.status_code == 409


def test_pages_follow_each_other(client: TestClient) -> None:
    made = [client.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()["id"] for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = client.get(f"/v1/reviews?limit=2{after}").json()
        seen += [case["id"] for case in page["data"]]
        if not page["has_more"]:
            break
        after = f"&after={page['last_id']}"
    assert seen == made


def test_closed_cases_come_newest_decision_first(client: TestClient) -> None:
    made = [client.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()["id"] for _ in range(3)]
    made = [made[1], made[2], made[0]]
    for video_id in made:
        client.post(f"/v1/reviews/{video_id}/reject", json={"reason": "no"})
    first = client.get("/v1/reviews?state=rejected&limit=2").json()
    rest = client.get(f"/v1/reviews?state=rejected&limit=2&after={first['last_id']}").json()
    assert [case["id"] for case in first["data"] + rest["data"]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_another_tenants_case_is_no_place_to_start(
    client: TestClient, held: str, make_key: Callable[..., dict[str, str]]
) -> None:
    stranger = make_key(Scope.REVIEW, tenant="other")
    params = {"after": held}
    assert client.get("/v1/reviews", params=params).status_code == 200
    assert client.get("/v1/reviews", params=params, headers=stranger).status_code == 404


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x", "why": "y"}])
def test_a_decision_needs_a_reason(client: TestClient, held: str, body: dict[str, str]) -> None:
    assert client.post(f"/v1/reviews/{held}/approve", json=body).status_code == 422
    assert client.get("/v1/reviews").json()["data"][0]["id"] == held


@pytest.mark.parametrize("act", ["reviews/{}/approve", "reviews/{}/reject", "videos/{}/appeal"])
def test_a_body_that_is_missing_is_told_by_its_field(
    client: TestClient, held: str, act: str
) -> None:
    answer = client.post(f"/v1/{act.format(held)}")
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (422, "reason")
    assert error["message"] == "reason: Field required"


def test_four_eyes_want_two_moderators(tmp_path: Path) -> None:
    from api import auth

    settings = Settings(data_dir=tmp_path / "four", review_four_eyes=True)
    migrate(settings)
    with open_service(settings) as service:
        with service.database.transaction() as session:
            keys = [
                auth.create_key(session, name=name, tenant="t", scopes=tuple(Scope), actor="test")
                for name in ("caller", "one", "two")
            ]
        caller, one, two = (
            TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})
            for key in keys
        )
        video_id = caller.post("/v1/videos", json={"prompt": HELD_PROMPT}).json()["id"]
        path, grounds = f"/v1/reviews/{video_id}/approve", {"reason": "fine"}
        assert caller.post(path, json=grounds).status_code == 409, "nobody approves their own"
        assert one.post(path, json=grounds).json()["state"] == "open"
        assert one.post(path, json=grounds).status_code == 409
        assert two.get(f"/v1/videos/{video_id}").json()["held_for_review"]
        assert two.post(path, json=grounds).json()["state"] == "approved"
