"""Moderators who look at rendered frames, and back on what was decided, at a real browser."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from api.auth import Scope
from api.service import Service
from api.settings import Settings
from tests.api.pages.test_pages import is_within, video
from tests.api.test_reviews import logged
from tests.api.test_videos import HELD_PROMPT


def test_who_may_only_review_is_led_to_the_queue(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    visitor = TestClient(client.app, follow_redirects=False)
    case = f"/reviews/video_{'0' * 32}"
    for form, door in (("/approve", "%2Freviews"), ("/claim", "%2Freviews")):
        answer = visitor.post(case + form, data={"reason": "x"})
        assert answer.headers["location"] == f"/login?next={door}"
    assert visitor.get(visitor.get(f"{case}/frames").headers["location"]).status_code == 200
    key = make_key(Scope.REVIEW)["Authorization"].split()[1]
    assert visitor.post("/login", data={"key": key}).headers["location"] == "/reviews"
    assert visitor.get(f"{case}/frames").status_code == 404


def test_frames_are_shown_when_a_moderator_asks(
    service: Service,
    withhold: Callable[[str], str],
    tab: Page,
    sign_in: Callable[..., None],
) -> None:
    video_id = withhold("a grey wall")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url.partition(video_id)[2]))
    sign_in(Scope.REVIEW, to="/reviews")
    expect(tab.get_by_role("article")).to_contain_text("too little to be sure")
    blurred, sharp = (
        tab.get_by_alt_text("The frames, blurred"),
        tab.get_by_alt_text("Contact sheet"),
    )
    expect(blurred).to_have_js_property("naturalWidth", round(600 / 32))
    expect(sharp).to_be_hidden()
    assert "/frames" not in asked
    assert "review.frames_shown" not in logged(service, video_id)

    tab.locator("summary").press("Enter")
    expect(sharp).to_have_js_property("naturalWidth", 600)
    expect(blurred).to_be_hidden()
    assert logged(service, video_id)[-1] == "review.frames_shown"
    assert is_within(tab)
    tab.locator("summary").press("Enter")
    expect(sharp).to_be_hidden()

    tab.get_by_role("button", name="Claim").click()
    tab.wait_for_url(f"**/reviews/{video_id}")
    tab.get_by_label("Reason").fill("only a wall")
    tab.get_by_role("button", name="Approve").click()
    expect(tab.get_by_text("Nothing waits for a decision.")).to_be_visible()
    tab.get_by_role("link", name="Approved").click()
    expect(tab.get_by_role("article")).to_contain_text("by you")
    expect(tab.get_by_role("article")).to_contain_text("only a wall")
    expect(tab.locator("article img, article form")).to_have_count(0)
    assert is_within(tab)


@pytest.fixture
def moderator(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> Callable[[], TestClient]:
    """Makes browsers, without scripts, of moderators with keys of their own."""

    def enter() -> TestClient:
        visitor = TestClient(client.app)
        key = make_key(Scope.REVIEW)["Authorization"].split()[1]
        visitor.post("/login", data={"key": key, "next": "/reviews"})
        return visitor

    return enter


@pytest.fixture
def four_eyes(settings: Settings) -> None:
    """Two moderators must approve; to be asked for before the service."""
    settings.review_four_eyes = True


def test_who_cannot_decide_a_case_is_told_why_and_keeps_what_they_typed(
    client: TestClient, moderator: Callable[[], TestClient]
) -> None:
    case = f"/reviews/{video(client, HELD_PROMPT)}"
    one, other = moderator(), moderator()
    assert "Approve</button>" in other.get("/reviews").text
    assert "half a</textarea>" in one.post(f"{case}/claim", data={"reason": "half a"}).text
    for path in (case, "/reviews"):
        text = other.get(path).text
        assert re.search(r"key:\w+</strong> has claimed it until <time", text)
        assert "</button>" not in text.partition("<article")[2]
    refused = other.post(f"{case}/reject", data={"reason": "<b>fake</b>\r\nnews"})
    assert refused.status_code == 409
    assert re.search(r'role="alert".*claimed it until \d{4}-.* UTC', refused.text)
    assert "<blockquote>&lt;b&gt;fake&lt;/b&gt;\nnews</blockquote>" in refused.text

    long = "é\r\n" * 1000  # as many characters as a browser counts to 2,000
    too_long = one.post(f"{case}/reject", data={"reason": long + "x"})
    assert too_long.status_code == 422
    assert long.replace("\r\n", "\n") + "x</textarea>" in too_long.text.replace("\r\n", "\n")
    assert one.post(f"{case}/reject", data={"reason": " "}).status_code == 422
    assert one.post(f"{case}/reject", data={"reason": long}).status_code == 200
    assert "Claimed by" not in one.get(case).text


def test_a_decision_is_confirmed_and_the_second_moderator_awaited(
    four_eyes: None,
    client: TestClient,
    moderator: Callable[[], TestClient],
    make_key: Callable[..., dict[str, str]],
) -> None:
    video_id = video(client, HELD_PROMPT)
    one, two = moderator(), moderator()
    assert "Two moderators must approve it." in one.get("/reviews").text
    first = one.post(f"/reviews/{video_id}/approve", data={"reason": "fine"}).text
    assert re.search(rf'role="status".*\s.*{video_id}</a>, the first of two', first)
    form = first.partition('<form method="post" class')[2]
    assert "You have approved it; now another moderator must." in form
    assert "Approve</button>" not in form
    assert "Reject</button>" in form
    assert 'role="status"' not in two.get(f"/reviews?decided={video_id}").text
    assert 'role="status"' not in two.get("/reviews?decided=video_1").text
    second = two.post(f"/reviews/{video_id}/approve", data={"reason": "fine"}).text
    one.post("/login", data={"key": make_key(Scope.AUDIT)["Authorization"].split()[1]})
    outcomes = re.findall(r'"tag[^>]*>(f[^<]*)<', one.get("/log?type=review.approved").text)
    assert outcomes == ["final", "first of two"]
    assert re.search(rf'role="status".*>Approved: held prompt\s.*{video_id}</a>\.', second)


def test_errors_lead_on(client: TestClient, moderator: Callable[[], TestClient]) -> None:
    someone = moderator()
    for path, lead in (
        ("/log", '<a href="/login">Sign in with another key</a>.'),
        ("/reviews?state=x", 'Go <a href="/reviews">back to the review queue</a>.'),
        ("/reviews/video_1", 'Go <a href="/reviews">back to the review queue</a>.'),
    ):
        text = someone.get(path).text
        assert lead in text
        assert ("another key" in text) == (path == "/log")
