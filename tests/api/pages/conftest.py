"""The service on a port of its own, and a real browser."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from api.audit.sequencer import sequence_all
from api.auth import Scope
from api.service import Service


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    """The address of a running server."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Its driver runs an event loop in this thread, so it must not stay."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no Chromium; install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[(390, 844), (1440, 900)], ids=["phone", "desktop"])
def screen(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height in pixels."""
    return (request.param[0], request.param[1])


@pytest.fixture
def tab(browser: Browser, site: str, screen: tuple[int, int]) -> Iterator[Page]:
    """A tab of a browser that knows nobody yet; an error in it fails the test."""
    width, height = screen
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, color_scheme="light"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def sign_in(tab: Page, make_key: Callable[..., dict[str, str]]) -> Callable[..., None]:
    """Signs in with a new key of the given scopes."""

    def enter(*scopes: Scope, to: str = "/log") -> None:
        tab.goto(to)
        tab.get_by_label("API key").fill(make_key(*scopes)["Authorization"].split()[1])
        tab.get_by_role("button", name="Sign in").click()
        tab.wait_for_url(f"**{to}")

    return enter


@pytest.fixture
def sequenced(service: Service) -> Callable[[], None]:
    """Gives every event its place in the log."""
    return lambda: sequence_all(service.database, service.log_signer)
