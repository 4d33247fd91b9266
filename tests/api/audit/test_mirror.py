"""A folder with the whole log: it proves itself, grows, and shows what was done to it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api.audit import mirror
from api.audit.sequencer import sequence_all
from api.audit.tree import NotLoggedError
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint, sign_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from tests.api.audit.test_log import KEY, SIGNER, add

SIZE = 600


def mirrored(database: Database, folder: Path) -> int:
    with database.transaction() as session:
        return mirror.write(session, folder, KEY, lambda _done, _total: None)


def checked(folder: Path, key: VerifierKey | None = KEY) -> mirror.MirrorReport:
    return mirror.verify(folder, key, lambda _done, _total: None)


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Path:
    """A mirror of 600 events: two full tiles, a partial one, and one above them."""
    add(database, SIZE)
    sequence_all(database, SIGNER)
    assert mirrored(database, tmp_path / "mirror") == SIZE
    return tmp_path / "mirror"


def test_a_mirror_proves_itself_and_holds_nothing_personal(folder: Path) -> None:
    assert checked(folder) == checked(folder, None) == mirror.MirrorReport(SIZE, KEY, ())
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert not any(b"must vanish" in file.read_bytes() for file in files)


def test_a_mirror_is_brought_up_to_date(database: Database, folder: Path) -> None:
    old = folder / "tile/entries/001"
    written = old.stat().st_mtime_ns
    add(database, 200)
    sequence_all(database, SIGNER)
    assert mirrored(database, folder) == SIZE + 200
    assert checked(folder).problems == ()
    assert checked(folder).size == SIZE + 200
    assert old.stat().st_mtime_ns == written


def _flip(folder: Path, name: str, at: int) -> None:
    content = bytearray((folder / name).read_bytes())
    content[at] ^= 1
    (folder / name).write_bytes(content)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed entry": (lambda f: _flip(f, "tile/entries/000", 9), "entry 0 is not"),
    "changed hash": (lambda f: _flip(f, "tile/0/001", 32 * 4), "entry 260 is not"),
    "changed upper hash": (lambda f: _flip(f, "tile/1/000.p/2", 40), "tile 1 of the level below"),
    "lost entries": (lambda f: (f / "tile/entries/001").unlink(), "tile/entries/001: there is no"),
    "lost hashes": (lambda f: (f / "tile/0/002.p/88").unlink(), "tile/0/002.p/88: there is no"),
    "lost both": (
        lambda f: [(f / name).unlink() for name in ("tile/0/000", "tile/entries/000")],
        "do not lead to the signed head",
    ),
    "short tile": (lambda f: (f / "tile/0/000").write_bytes(b"x"), "1 bytes instead"),
    "broken entries": (
        lambda f: (f / "tile/entries/000").write_bytes(b"\xff\xff"),
        "breaks off",
    ),
    "folder in place of a file": (
        lambda f: (f / "tile/0/001").unlink() or (f / "tile/0/001").mkdir(),
        "tile/0/001: there is no",
    ),
}


@pytest.mark.parametrize(("damage", "problem"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_named(folder: Path, damage: Callable[[Path], object], problem: str) -> None:
    damage(folder)
    problems = checked(folder).problems
    assert any(problem in each for each in problems), problems


def test_another_logs_head_is_refused(folder: Path) -> None:
    with pytest.raises(LedgerError):
        checked(folder, VerifierKey(KEY.name, bytes(32)))
    _flip(folder, "checkpoint", 25)
    with pytest.raises(LedgerError):
        checked(folder)


def test_a_strangers_endless_log_is_given_up(tmp_path: Path) -> None:
    note = sign_checkpoint(Checkpoint(SIGNER.name, 2**60, bytes(32)), SIGNER)
    (tmp_path / "checkpoint").write_bytes(note)
    (tmp_path / "verifier-key").write_text(str(KEY))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "tile/entries/x000/x000").mkdir(parents=True)
    (tmp_path / "tile/entries/x000/000").symlink_to(tmp_path / "pipe")
    problems = checked(tmp_path, None).problems
    assert "not checked" in problems[-1]


def test_without_events_there_is_nothing_to_mirror(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotLoggedError):
        mirrored(database, tmp_path)
    with pytest.raises(OSError, match="verifier-key"):
        checked(tmp_path, None)
