"""A journalist at a real browser: drop a file, read the report, pass on the link."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.clock import now
from api.db import reports
from api.db.models import KeptReport
from api.lifecycle import Lifecycle
from api.pages.words import LANGUAGES, words
from api.service import Service
from api.settings import Settings
from api.workspace import Workspace
from tests.api.pages.test_pages import is_within
from tests.api.released import Released, release, stripped


@pytest.fixture
def released(service: Service, tmp_path: Path) -> Released:
    return release(service, tmp_path)


def test_a_copy_is_examined_and_its_report_passed_on(
    service: Service, released: Released, tab: Page, site: str, tmp_path: Path
) -> None:
    service.settings.verify_shows_released = True
    tab.goto("/verify")
    assert is_within(tab)
    tab.get_by_label("Video or picture").set_input_files(stripped(released, tmp_path))
    tab.get_by_role("button", name="Examine").press("Enter")
    tab.wait_for_url(re.compile(r"/verify/[\w-]{32}\?lang=en$"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Altered copy")
    expect(tab.get_by_role("heading", level=1)).to_be_focused()
    main = tab.get_by_role("main")
    for text in (released.video_id, released.manifest_label, "Content Credential missing"):
        expect(main).to_contain_text(text)
    expect(tab.locator("svg.timeline rect.mark-0")).to_have_attribute("width", "1000.0")
    expect(tab.locator("#local video")).to_be_visible()  # from the visitor's own disk
    tab.get_by_role("button", name="Show").click()
    assert tab.locator("figure img").evaluate("picture => picture.naturalWidth") == 160
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download the manifest").click()
    assert Path(download.value.path()).read_bytes() == released.manifest
    assert is_within(tab)

    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Altered copy")
    expect(tab.locator("#local")).to_be_hidden()  # nothing of the upload was kept
    tab.get_by_role("link", name="Français").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Copie modifiée")
    expect(tab.locator("html")).to_have_attribute("lang", "fr")
    assert is_within(tab)


def test_what_goes_wrong_is_told_beside_the_form(tab: Page, site: str, tmp_path: Path) -> None:
    tab.goto("/verify?lang=fr")
    (tmp_path / "text.mp4").write_bytes(b"not a video")
    tab.locator("#file").set_input_files(tmp_path / "text.mp4")
    tab.locator("form").evaluate("form => form.dataset.maxBytes = 1")
    tab.get_by_role("button", name="Examiner").click()
    expect(tab.get_by_role("alert")).to_have_text("Le fichier est trop volumineux.")
    tab.locator("form").evaluate("form => form.dataset.maxBytes = 1000")
    tab.route("**/verify?lang=fr", lambda route: route.fulfill(body="busy"))
    tab.get_by_role("button", name="Examiner").click()
    expect(tab.get_by_role("alert")).to_have_text("Le serveur est injoignable. Réessayez.")
    tab.unroute("**/verify?lang=fr")
    tab.get_by_role("button", name="Examiner").click()
    tab.wait_for_url(re.compile(r"/verify/[\w-]{32}\?lang=fr$"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Illisible")
    expect(tab.locator("p.lead")).to_contain_text("Ce fichier")


def test_without_javascript_the_form_does_the_same(
    browser: Browser, site: str, released: Released
) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False, locale="fr-FR")
    tab = context.new_page()
    tab.goto("/verify")
    tab.get_by_label("Vidéo ou image").set_input_files(released.path)
    tab.get_by_role("button", name="Examiner").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Authentique")
    context.close()


def test_a_report_holds_nothing_private_and_expires(
    client: TestClient, service: Service, released: Released
) -> None:
    del client.headers["Authorization"]
    file = {"file": ("holiday of Jane Doe.mp4", released.path.read_bytes())}
    answer = client.post("/verify", files=file, follow_redirects=False)
    assert answer.status_code == 303
    report_id = answer.headers["location"].removeprefix("/verify/")
    document = client.get(f"/v1/verify/reports/{report_id}").json()
    assert document["report"]["verdict"] == "authentic"
    page = client.get(f"/verify/{report_id}").text
    for text in (json.dumps(document), page):
        for private in ("Jane", "secret prompt", "tenant", "testclient"):
            assert private not in text
    # No picture of ours unless the operator says so, nor of a video that its owner deleted.
    assert client.get(f"/verify/{report_id}/released.jpg").status_code == 404

    with service.database.transaction() as session:
        session.get_one(KeptReport, report_id).expires_at = now() - timedelta(seconds=1)
    assert client.get(f"/verify/{report_id}").status_code == 404
    assert client.get(f"/v1/verify/reports/{report_id}").status_code == 404
    workspace = Workspace(service.storage, service.settings.data_dir / "scratch")
    Lifecycle(service.settings, service.database, service.storage, workspace).sweep()
    with service.database.transaction() as session:
        assert session.get(KeptReport, report_id) is None


@pytest.mark.parametrize("report_id", ["x", "A" * 32, "%00" * 32, "é" * 32])
def test_no_report_is_guessed(client: TestClient, report_id: str) -> None:
    answer = client.get(f"/verify/{report_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert client.get(f"/v1/verify/reports/{report_id}").status_code == 404


def test_the_guard_before_v1_verify_stands_before_the_page_too(
    service: Service, settings: Settings
) -> None:
    settings.verify_rate = "2/minute"
    settings.verify_max_bytes = 1000
    with TestClient(create_app(service)) as visitor:
        large = visitor.post("/verify", files={"file": bytes(100_000)})
        assert large.status_code == 413
        assert "The file is too large." in large.text
        assert visitor.post("/v1/verify", files={"file": b"x"}).status_code == 200
        refused = visitor.post("/verify?lang=fr", files={"file": b"x"})
        assert refused.status_code == 429
        assert "Trop de fichiers" in refused.text
        assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("de-DE,de;q=0.9", "en"),
        ("de,fr-CH;q=0.8,en;q=0.7", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=nonsense", "en"),
    ],
)
def test_the_browsers_language_is_spoken(client: TestClient, wanted: str, language: str) -> None:
    page = client.get("/verify", headers={"Accept-Language": wanted}).text
    assert f'<html lang="{language}">' in page
    assert '<html lang="fr">' in client.get("/verify?lang=fr").text


def test_every_word_of_the_pages_is_in_the_table() -> None:
    folder = Path(__file__).parents[3] / "api" / "pages" / "templates"
    used = {
        name
        for template in ("public", "verify", "verify_report", "verify_problem")
        for name in re.findall(r"\bt\.(\w+)", (folder / f"{template}.html").read_text("utf-8"))
    }
    for language in LANGUAGES:
        assert used <= set(words(language))
    assert words("en")["verdicts"].keys() == words("fr")["verdicts"].keys()


def test_a_report_of_an_older_version_is_still_shown(client: TestClient, service: Service) -> None:
    old = {
        "verdict": "partial",
        "summary": "A sentence.",
        "video_id": None,
        "record": None,
        "credential": None,
        "mark": None,
        "segments": [
            {
                "start_seconds": 1.0,
                "end_seconds": 2.0,
                "mark_id": None,
                "video_id": None,
                "region": [0, 0, 1, 0.5],
            }
        ],
        "changes": [],
        "not_checked": [],
    }
    with service.database.transaction() as session:
        kept = reports.keep(
            session, old, sha256="0" * 64, language="en", lifetime=timedelta(days=1)
        )
    page = client.get(f"/verify/{kept.id}").text
    assert "a mark that is no longer readable" in page
    assert 'x="500.0"' in page
