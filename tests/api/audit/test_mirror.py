"""A folder with the whole log: it proves itself, grows, and shows what was done to it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.audit import mirror, tree
from api.audit.sequencer import sequence_all
from api.audit.tree import NotLoggedError
from api.db import schema
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint, sign_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from tests.api.audit.test_log import KEY, SIGNER, add

SIZE = 600


def mirrored(database: Database, folder: Path) -> int:
    with database.transaction() as session:
        return mirror.write(session, folder, KEY, lambda _done, _total: None)


def checked(
    folder: Path, key: VerifierKey | None = KEY, kept: bytes | None = None
) -> mirror.MirrorReport:
    return mirror.verify(folder, key, lambda _done, _total: None, kept)


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


def _link(file: Path, target: Path) -> None:
    file.unlink()
    file.symlink_to(target)


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
    "link to a file": (
        lambda f: _link(f / "tile/0/001", f / "tile/0/000"),
        "tile/0/001: there is no",
    ),
    "link to a device without an end": (
        lambda f: _link(f / "tile/0/001", Path("/dev/zero")),
        "tile/0/001: there is no",
    ),
    "linked folder": (
        lambda f: (f / "tile/1").rename(f / "away") and (f / "tile/1").symlink_to(f / "away"),
        "tile/1/000.p/2: there is no",
    ),
    "file without an end": (
        lambda f: os.truncate(f / "tile/entries/000", 2**40),
        "longer than",
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


PAST: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed hash": (lambda f: _flip(f, "tile/0/002.p/88", 9), "is not what the log had"),
    "changed entry": (lambda f: _flip(f, "tile/entries/002.p/88", 9), "is not what the log had"),
    "link": (lambda f: _link(f / "tile/0/002.p/88", f / "tile/0/000"), "there is no such file"),
    "tile of the future": (lambda f: (f / "tile/0/003").write_bytes(bytes(8192)), "lies outside"),
    "entries of the future": (
        lambda f: (f / "tile/entries/002").write_bytes(b"\0\1x" * 256),
        "tile/entries/002: lies outside",
    ),
}


def test_tiles_that_the_newest_head_does_not_need_are_checked_too(
    database: Database, folder: Path
) -> None:
    add(database, 100)
    sequence_all(database, SIGNER)
    assert mirrored(database, folder) == SIZE + 100
    (folder / "tile/0/000.txt").write_text("no tile")
    assert checked(folder).problems == ()
    for damage, problem in PAST.values():
        copy = folder.with_name("copy")
        shutil.copytree(folder, copy, symlinks=True)
        damage(copy)
        (found,) = checked(copy).problems
        assert problem in found
        shutil.rmtree(copy)


def test_another_logs_head_is_refused(folder: Path) -> None:
    with pytest.raises(LedgerError):
        checked(folder, VerifierKey(KEY.name, bytes(32)))
    _flip(folder, "checkpoint", 25)
    with pytest.raises(LedgerError):
        checked(folder)


def test_a_head_without_an_end_is_refused(folder: Path) -> None:
    for name in ("checkpoint", "verifier-key"):
        _link(folder / name, Path("/dev/zero"))
        with pytest.raises(OSError, match=r"."):
            checked(folder, None)


def test_writing_follows_no_links(database: Database, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not the log's")
    for name in ("tile/0/001", "verifier-key", "checkpoint"):
        _link(folder / name, outside)
        (folder / f"{name}.draft").symlink_to(outside)
    add(database, 1)
    sequence_all(database, SIGNER)
    assert mirrored(database, folder) == SIZE + 1
    assert outside.read_text() == "not the log's"
    assert checked(folder) == mirror.MirrorReport(SIZE + 1, KEY, ())
    outside.unlink()
    outside.mkdir()
    (folder / "tile/0/000").unlink()
    (folder / "tile/0").rename(tmp_path / "away")
    (folder / "tile/0").symlink_to(outside)
    with pytest.raises(OSError, match=r"."):
        mirrored(database, folder)
    assert list(outside.iterdir()) == []


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Another log under the same key."""
    database = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    schema.upgrade(database)
    add(database, SIZE)
    sequence_all(database, SIGNER)
    yield database
    database.close()


def test_a_mirror_is_never_replaced_by_another_history(other: Database, folder: Path) -> None:
    before = (folder / "checkpoint").read_bytes()
    for _ in range(2):  # of the same size, and larger
        with pytest.raises(LedgerError, match="no continuation"):
            mirrored(other, folder)
        add(other, 1)
        sequence_all(other, SIGNER)
    assert (folder / "checkpoint").read_bytes() == before
    assert checked(folder).problems == ()


def test_a_mirror_is_never_set_back(database: Database, folder: Path) -> None:
    newer = sign_checkpoint(Checkpoint(SIGNER.name, SIZE + 1, bytes(32)), SIGNER)
    for head in (newer, b"no head"):
        (folder / "checkpoint").write_bytes(head)
        with pytest.raises(LedgerError, match="no continuation"):
            mirrored(database, folder)
        assert (folder / "checkpoint").read_bytes() == head


def test_a_mirror_is_compared_with_a_kept_head(
    database: Database, other: Database, folder: Path
) -> None:
    old = (folder / "checkpoint").read_bytes()
    add(database, 1)
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        new = tree.newest_checkpoint(session).note
    with other.transaction() as session:
        foreign = tree.newest_checkpoint(session).note
    assert checked(folder, kept=old).problems == ()
    assert "entries 600 to 600" in checked(folder, kept=new).problems[0]
    assert mirrored(database, folder) == SIZE + 1
    assert checked(folder, kept=old).problems == checked(folder, kept=new).problems == ()
    assert "the first 600 entries" in checked(folder, kept=foreign).problems[0]
    with pytest.raises(LedgerError, match="the kept head"):
        checked(folder, kept=b"no head")


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
