"""`signet trust`: lists are fetched, checked and kept, or left as they are."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from provenance import trust_lists
from provenance.certificates import create_development_ca

Signet = Callable[..., Any]


@pytest.fixture
def authority(tmp_path: Path) -> str:
    return create_development_ca(tmp_path / "authority").root.read_text()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What a local server publishes in the place of the C2PA, by path."""
    files: dict[str, bytes] = {}

    class Publisher(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Publisher) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        for name in trust_lists.NAMES:
            address = f"http://127.0.0.1:{server.server_port}/{name}"
            monkeypatch.setitem(trust_lists.SOURCES, name, address)
        yield files
        server.shutdown()
        thread.join()


def test_published_lists_take_the_place_of_the_shipped_ones(
    signet: Signet, published: dict[str, bytes], authority: str, tmp_path: Path
) -> None:
    published.update({f"/{name}": authority.encode() for name in trust_lists.NAMES})
    answer = signet("trust", "refresh", "--json")
    assert answer.code == 0
    (c2pa, _, interim) = json.loads(answer.out)
    assert (c2pa["certificates"], len(c2pa["added"]), len(c2pa["removed"])) == (1, 1, 30)
    assert interim["removed"] == []
    assert trust_lists.load(tmp_path / "data" / "trust").interim == authority
    shown = json.loads(signet("trust", "list", "--json").out)
    assert [len(row["certificates"]) for row in shown] == [1, 1, 1]


def test_what_is_no_list_changes_nothing(
    signet: Signet, published: dict[str, bytes], authority: str, tmp_path: Path
) -> None:
    published["/c2pa"] = b"<html>moved</html>"
    published["/time_stamps"] = b" " * (trust_lists.MAX_BYTES + 1)
    answer = signet("trust", "refresh")
    assert answer.code == 1
    assert answer.out.count("kept as it is") == 3
    lists = trust_lists.load(tmp_path / "data" / "trust")
    assert len(trust_lists.certificates(lists.c2pa)) == 30
    assert lists.interim == ""


def test_lists_come_from_a_folder_too(signet: Signet, authority: str, tmp_path: Path) -> None:
    brought = tmp_path / "brought"
    brought.mkdir()
    (brought / "interim.pem").write_text(authority)
    assert signet("trust", "refresh", "--from", str(brought)).code == 1  # two are missing
    lists = trust_lists.load(tmp_path / "data" / "trust")
    assert lists.interim == authority
    assert len(trust_lists.certificates(lists.time_stamps)) == 22
