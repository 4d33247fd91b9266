"""Moderators who look at rendered frames, and back on what was decided, at a real browser."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from api.auth import Scope
from api.service import Service
from tests.api.pages.test_pages import is_within
from tests.api.test_reviews import logged


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
