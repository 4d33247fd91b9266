"""Auditors and moderators at a real browser."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, Route, expect

from api.audit.tree import newest_checkpoint
from api.auth import Scope
from api.db.models import AuditEvent
from api.service import Service
from tests.api.test_videos import HELD_PROMPT


def video(client: TestClient, prompt: str) -> str:
    return str(client.post("/v1/videos", json={"prompt": prompt}).json()["id"])


def is_within(tab: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_log_is_shown_filtered_and_kept_fresh(
    client: TestClient, tab: Page, sign_in: Callable[..., None], sequenced: Callable[[], None]
) -> None:
    first = video(client, "a red ball")
    sequenced()
    sign_in(Scope.AUDIT)
    assert is_within(tab)
    expect(tab.locator("tbody tr").first).to_be_in_viewport()
    filters, size = tab.locator(".filter"), tab.viewport_size
    if size and size["width"] < 500:
        expect(filters).to_be_hidden()
        tab.locator("summary").press("Enter")
    else:
        tops = [label.bounding_box() for label in filters.locator("> label").all()]
        assert len(tops) == 7
        assert len({top and top["y"] for top in tops}) == 1, "one line"
    tab.get_by_label("Type").select_option("video.created")
    tab.get_by_role("button", name="Filter").click()
    expect(tab.locator("tbody tr")).to_have_count(1)
    expect(tab.locator("tbody")).to_contain_text(first)
    second = video(client, "a blue ball")
    expect(tab.locator("tbody")).to_contain_text(second)
    tab.get_by_role("button", name="Pause updates").click()
    expect(tab.get_by_role("button", name="Go on with updates")).to_be_visible()
    tab.get_by_role("link", name=first).click()
    tab.wait_for_url("**subject=**")
    expect(tab.locator("tbody tr")).to_have_count(2)
    assert is_within(tab)


def test_a_proof_is_checked_in_the_browser(
    client: TestClient,
    service: Service,
    tab: Page,
    sign_in: Callable[..., None],
    sequenced: Callable[[], None],
) -> None:
    for number in range(5):
        video(client, f"ball {number} é\u2028\N{PILE OF POO}")
        sequenced()
    sign_in(Scope.AUDIT)
    with service.database.transaction() as session:
        head = newest_checkpoint(session)
        ids = [event.id for event in session.query(AuditEvent).limit(head.size if head else 0)]
    for event_id in (ids[0], ids[3], ids[-1]):
        tab.goto(f"/log/{event_id}")
        expect(tab.locator("#proof")).to_have_class("proof good")
        expect(tab.locator("#proof")).to_contain_text("signed by signet.local/log")
    assert is_within(tab)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("default", "another", "not what was logged"),
        ("&#34;id&#34;:", "&#34;id&#34;:1", "another event"),
        ("&#34;actor&#34;:&#34;", "&#34;actor&#34;:&#34;x", "who acted, or what was typed"),
    ],
)
def test_what_is_not_as_it_was_logged_turns_red(
    tab: Page,
    sign_in: Callable[..., None],
    sequenced: Callable[[], None],
    old: str,
    new: str,
    what: str,
) -> None:
    sign_in(Scope.AUDIT)
    sequenced()

    def forge(route: Route) -> None:
        answer = route.fetch()
        assert old in answer.text()
        route.fulfill(response=answer, body=answer.text().replace(old, new))

    tab.route(re.compile(r"/log/\d+$"), forge)
    tab.locator("tbody a").first.click()
    expect(tab.locator("#proof")).to_have_class("proof bad")
    expect(tab.locator("#proof")).to_contain_text(what)


def test_another_key_than_the_first_one_turns_red(
    tab: Page, sign_in: Callable[..., None], sequenced: Callable[[], None]
) -> None:
    sign_in(Scope.AUDIT)
    sequenced()
    tab.evaluate("localStorage.setItem('signet log key', 'elsewhere+00000000+AAAA')")
    tab.locator("tbody a").first.click()
    expect(tab.locator("#proof")).to_contain_text("not the one this browser saw first")


def test_a_moderator_decides_with_the_keyboard_alone(
    client: TestClient, tab: Page, sign_in: Callable[..., None]
) -> None:
    held = video(client, HELD_PROMPT)
    sign_in(Scope.REVIEW, to="/reviews")
    expect(tab.locator("blockquote")).to_have_text(HELD_PROMPT)
    assert is_within(tab)
    tab.get_by_role("button", name="Claim").press("Enter")
    expect(tab.get_by_role("article")).to_contain_text("Claimed by you")
    tab.get_by_role("button", name="Reject").press("Enter")
    expect(tab.get_by_role("article")).to_be_visible()  # not without a reason
    tab.get_by_label("Reason").focus()
    tab.keyboard.type("no consent")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Nothing waits for a decision.")).to_be_visible()
    expect(tab.get_by_role("status")).to_be_focused()
    expect(tab.get_by_role("status")).to_contain_text(f"Rejected: held prompt {held}")
    assert client.get(f"/v1/videos/{held}").json()["status"] == "failed"


def test_no_prompt_turns_the_moderators_page_round(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    video(client, f"{HELD_PROMPT}\n\u202edrawkcab")
    key = make_key(Scope.REVIEW)["Authorization"].removeprefix("Bearer ")
    moderator = TestClient(client.app, base_url="https://testserver")
    moderator.post("/login", data={"key": key, "next": "/reviews"})
    text = moderator.get("/reviews").text
    assert f"\n{chr(92)}u202edrawkcab" in text
    assert "\u202e" not in text


def test_the_logs_health_is_plotted(
    client: TestClient,
    signet: Callable[..., object],
    tab: Page,
    sign_in: Callable[..., None],
    sequenced: Callable[[], None],
) -> None:
    video(client, "a red ball")
    video(client, HELD_PROMPT)
    sequenced()
    sign_in(Scope.AUDIT, to="/log/health")
    expect(tab.get_by_text("never; run")).to_be_visible()
    expect(tab.locator("rect.allow")).to_have_count(1)
    expect(tab.locator("rect.review")).to_have_count(1)
    signet("audit", "verify")
    sequenced()
    expect(
        tab.get_by_text(re.compile(r"UTC, (\d+) of (?!\1 )\d+ entries:\s+intact"))
    ).to_be_visible()
    expect(tab.locator(".counts li")).to_have_text(["2", "1", "0"])
    expect(tab.locator(".moments li")).to_have_count(3)
    tab.locator("summary").click()
    expect(tab.locator("table td")).to_have_text(["1", "1", "0"])
    assert is_within(tab)


def test_dark_is_dark(tab: Page, sign_in: Callable[..., None]) -> None:
    sign_in(Scope.AUDIT)
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.emulate_media(color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_what_was_erased_leads_to_what_says_so(
    client: TestClient, reader: TestClient, service: Service, sequenced: Callable[[], None]
) -> None:
    video_id = video(client, "a red ball")
    client.delete(f"/v1/videos/{video_id}")
    sequenced()
    with service.database.transaction() as session:
        ids = {
            event.type: event.id for event in session.query(AuditEvent).filter_by(subject=video_id)
        }
    erased = reader.get(f"/log/{ids['prompt.moderated']}").text
    deleted = ids["video.deleted"]
    assert f'<a href="/log/{deleted}">event {deleted}</a>' in erased
    assert "not there" not in reader.get(f"/log/{deleted}").text


def test_people_start_where_they_can_go_on(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    visitor = TestClient(client.app)
    for path in ("/verify", "/login", "/docs"):
        assert f'href="{path}"' in visitor.get("/").text
    visitor.post("/login", data={"key": make_key(Scope.REVIEW)["Authorization"].split()[1]})
    for path in ("/reviews", "/log"):  # which this key may not read
        menu = visitor.get(path).text.partition("</nav>")[0]
        assert 'href="/reviews"' in menu
        assert 'href="/log' not in menu


@pytest.mark.parametrize("key", ["sgn_0_wrong", "nonsense"])
def test_a_wrong_key_is_told_so(client: TestClient, key: str) -> None:
    answer = client.post("/login", data={"key": key})
    assert answer.status_code == 401
    assert "not valid" in answer.text


def test_pages_want_a_key_with_the_right_scope_and_no_other_site(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    stranger = TestClient(client.app, follow_redirects=False)
    assert stranger.get("/log").headers["location"] == "/login?next=%2Flog"
    key = make_key(Scope.REVIEW)["Authorization"].split()[1]
    door = stranger.post("/login", data={"key": key, "next": "/reviews"})
    assert (door.status_code, door.headers["location"]) == (303, "/reviews")
    cookie = door.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert stranger.get("/reviews").status_code == 200
    assert stranger.get("/log").status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert stranger.post("/reviews/x/claim", headers=elsewhere).status_code == 403
    assert stranger.post("/logout", headers=elsewhere).status_code == 403
    assert (
        stranger.post("/login", data={"key": key, "next": "https://evil.example"}).status_code
        == 422
    )
    stranger.post("/logout")
    assert stranger.get("/reviews").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_another_site_signs_nobody_in(
    client: TestClient,
    make_key: Callable[..., dict[str, str]],
    headers: dict[str, str],
    status: int,
) -> None:
    visitor = TestClient(client.app, follow_redirects=False)
    key = make_key(Scope.AUDIT)["Authorization"].split()[1]
    answer = visitor.post("/login", data={"key": key}, headers=headers)
    assert answer.status_code == status
    assert ("set-cookie" in answer.headers) == (status == 303)


@pytest.fixture
def reader(client: TestClient, make_key: Callable[..., dict[str, str]]) -> TestClient:
    """An auditor's browser without scripts."""
    reader = TestClient(client.app)
    reader.post("/login", data={"key": make_key(Scope.AUDIT)["Authorization"].split()[1]})
    return reader


def test_bad_filters_are_told_in_words(reader: TestClient) -> None:
    assert reader.get("/log?type=&since=&subject=").status_code == 200
    assert reader.get("/log?since=2026-01-01T00:00&until=2026-02-01T00:00").status_code == 200
    wrong = reader.get("/log?since=yesterday")
    assert wrong.status_code == 422
    assert "since" in wrong.text
    assert wrong.headers["content-type"].startswith("text/html")
    assert reader.get("/log/999999").status_code == 404
    hostile = reader.get("/log", params={"subject": "<script>alert(1)</script>"})
    assert "<script>alert" not in hostile.text
