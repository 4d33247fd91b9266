"""A log is copied from its public address: here a mirror that a plain web server serves."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api.audit import mirror, remote
from api.audit.remote import RemoteError
from api.audit.sequencer import sequence_all
from api.cli.output import EXIT_BAD_INPUT, EXIT_NO
from api.db import schema
from api.db.session import Database
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from tests.api.audit.test_log import KEY, SIGNER, add
from tests.api.conftest import Answer

SIZE = 600


class Site:
    """A folder on the web, and what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.url = ""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    site.folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            super().do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site.folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(tmp_path: Path, site: Site) -> Iterator[Callable[[int], None]]:
    """Logs so many events more, and publishes them at the site."""
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)

    def grow(count: int) -> None:
        add(database, count)
        sequence_all(database, SIGNER)
        publish(database, site.folder)

    grow(SIZE)
    yield grow
    database.close()


def publish(database: Database, folder: Path) -> None:
    with database.transaction() as session:
        mirror.write(session, folder, KEY, lambda _done, _total: None)


def fetched(site: Site, folder: Path, key: VerifierKey = KEY) -> int:
    steps: list[tuple[int, int]] = []
    site.asked.clear()
    size = remote.fetch(site.url, folder, key, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (len(steps), len(steps))
    return size


def problems(folder: Path) -> tuple[str, ...]:
    return mirror.verify(folder, KEY, lambda _done, _total: None).problems


def test_a_copy_is_whole_and_grows_by_what_is_new(
    log: Callable[[int], None], site: Site, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    assert fetched(site, copy) == SIZE
    assert problems(copy) == ()
    log(1)
    assert fetched(site, copy) == SIZE + 1
    assert problems(copy) == ()
    assert not [path for path in site.asked if path.endswith(("/000", "/001"))]


def test_nothing_comes_in_that_the_head_does_not_cover(
    log: Callable[[int], None], site: Site, tmp_path: Path
) -> None:
    copy, broken = tmp_path / "copy", site.folder / "tile/entries/001"
    good = broken.read_bytes()
    broken.write_bytes(good.replace(b"code-3", b"code-2"))
    with pytest.raises(LedgerError, match="tile/entries/001 is not what"):
        fetched(site, copy)
    assert not (copy / "checkpoint").exists()
    broken.write_bytes(good)
    edge = site.folder / "tile/1/000.p/2"
    hashes = edge.read_bytes()
    os.truncate(edge, 2**20)
    with pytest.raises(RemoteError, match="too long"):
        fetched(site, copy)
    edge.write_bytes(hashes)
    (copy / "tile/0/000").write_bytes(bytes(256 * 32))
    assert fetched(site, copy) == SIZE
    assert "/tile/0/001" not in site.asked  # there already, and right
    assert problems(copy) == ()
    with pytest.raises(LedgerError):
        fetched(site, copy, VerifierKey(KEY.name, bytes(32)))


def test_another_history_is_refused(log: Callable[[int], None], site: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    fetched(site, copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    schema.upgrade(other)
    add(other, SIZE + 1)
    sequence_all(other, SIGNER)
    site.folder.rename(tmp_path / "old")
    site.folder.mkdir()
    publish(other, site.folder)
    other.close()
    with pytest.raises(LedgerError, match="no continuation"):
        fetched(site, copy)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_the_command_says_what_came_or_why_not(
    log: Callable[[int], None], site: Site, tmp_path: Path, signet: Callable[..., Answer]
) -> None:
    copy = tmp_path / "copy"
    wanted = ("audit", "mirror", str(copy), "--key", str(KEY), "--json")
    came = signet(*wanted, "--url", site.url)
    assert json.loads(came.out) == {"folder": str(copy), "entries": SIZE}
    elsewhere = signet(*wanted, "--url", f"{site.url}elsewhere")
    assert elsewhere.code == EXIT_NO
    assert "/v1/audit" in elsewhere.err
    assert signet(*wanted, "--url", "ftp://nowhere").code == EXIT_NO
    assert signet(*wanted).code == EXIT_BAD_INPUT
    assert not (tmp_path / "data").exists()  # it needs no database
