"""Neither a restored backup nor the database's owner makes a host sign a second history."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from api import auth
from api.audit import tree
from api.audit.last_head import LostHeadError
from api.cli.output import EXIT_NO
from api.service import Service, migrate, open_service
from api.settings import Settings
from tests.api.conftest import Answer


def log_something(service: Service) -> bytes:
    """The head afterwards."""
    with service.database.transaction() as session:
        auth.create_key(session, name="x", tenant="t", scopes=(), actor="test")
    service.sequence_log()
    with service.database.transaction() as session:
        head = tree.newest_checkpoint(session)
    assert head is not None
    return head.note


def test_nothing_is_signed_on_a_restored_backup(service: Service) -> None:
    settings = service.settings
    database = settings.data_dir / "signet.sqlite"
    old = log_something(service)
    with service.database.engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{database}.backup'")
    newest = log_something(service)
    service.database.close()
    shutil.move(f"{database}.backup", database)
    with open_service(settings) as restored:
        with pytest.raises(LostHeadError, match="head of 2 entries"):
            log_something(restored)
        with restored.database.transaction() as session:
            head = tree.newest_checkpoint(session)
        assert head is not None
        assert head.note == old
        (settings.data_dir / "log.head").unlink()  # whoever does that says that it is another log
        assert log_something(restored) != newest


ROLL_BACK = (
    *(
        f"ALTER TABLE audit_{table} DISABLE TRIGGER ALL"
        for table in ("event", "leaf", "checkpoint", "tile")
    ),
    "UPDATE audit_tile SET hashes = substr(hashes, 1, 32)",
    "DELETE FROM audit_checkpoint WHERE size > 1",
    'DELETE FROM audit_leaf WHERE "index" > 0',
    "INSERT INTO audit_pending SELECT max(id) FROM audit_event ON CONFLICT DO NOTHING",
)


def test_the_databases_owner_cannot_roll_back_what_is_being_continued(
    postgres_url: str, tmp_path: Path
) -> None:
    """While the sequencer waits for a lock of the owner's."""
    settings = Settings(data_dir=tmp_path / "data", database_url=postgres_url)
    migrate(settings)
    with open_service(settings) as service, ThreadPoolExecutor() as threads:
        log_something(service)
        newest = log_something(service)
        with psycopg.connect(postgres_url) as owner:
            owner.execute("LOCK TABLE audit_pending")
            sequencing = threads.submit(service.sequence_log)
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while not owner.execute(waiting).fetchall()[0][0]:
                assert not sequencing.done()
            for statement in ROLL_BACK:
                owner.execute(statement)
        with pytest.raises(LostHeadError, match="head of 2 entries"):
            sequencing.result()
        with service.database.transaction() as session:
            head = tree.newest_checkpoint(session)
        assert head is not None
        assert head.size == 1
        assert (settings.data_dir / "log.head").read_bytes() == newest


def test_the_check_finds_that_the_last_head_of_its_host_is_lost(
    signet: Callable[..., Answer], tmp_path: Path
) -> None:
    data = tmp_path / "data"

    def log() -> None:
        assert signet("keys", "create", "x", "--scope", "audit").code == 0
        assert signet("audit", "checkpoint").code == 0

    log()
    assert signet("audit", "verify").code == 0
    shutil.copytree(data, tmp_path / "backup")
    log()
    newest = (data / "log.head").read_bytes()
    shutil.rmtree(data)
    shutil.move(tmp_path / "backup", data)
    assert signet("audit", "verify").code == 0
    (data / "log.head").write_bytes(newest)
    answer = signet("audit", "verify")
    assert answer.code == EXIT_NO
    assert "which the kept head covers, are gone" in answer.out
    (data / "log.head").write_bytes(b"")
    answer = signet("audit", "verify")
    assert answer.code == EXIT_NO
    assert "After a restore" in answer.out
    (data / "log.head").unlink()
    assert "no kept head to compare with" in signet("audit", "verify").out
    assert not json.loads(signet("audit", "verify", "--json").out)["compared_with_kept_head"]


@pytest.mark.parametrize("damaged", [b"", b"signet.local/log\n", b"\xff" * 300])
def test_a_damaged_head_says_what_to_do(
    signet: Callable[..., Answer], tmp_path: Path, damaged: bytes
) -> None:
    assert signet("keys", "create", "x", "--scope", "audit").code == 0
    assert signet("audit", "checkpoint").code == 0
    (tmp_path / "data" / "log.head").write_bytes(damaged)
    answer = signet("audit", "checkpoint")
    assert answer.code == EXIT_NO
    assert "After a restore" in answer.err


def test_a_head_that_cannot_be_written_leaves_nothing_behind(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_something(service)
    before = {each.name for each in service.settings.data_dir.iterdir()}

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            log_something(service)
    assert {each.name for each in service.settings.data_dir.iterdir()} == before
    service.sequence_log()
    kept = service.last_head(service.log_signer.verifier_key).read()
    assert kept is not None
    assert kept.size == 2


def test_an_older_head_never_replaces_a_newer_one(service: Service) -> None:
    older, newer = log_something(service), log_something(service)
    path = service.settings.data_dir / "log.head"
    path.write_bytes(older)
    last = service.last_head(service.log_signer.verifier_key)
    folder = os.open(service.settings.data_dir, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as another process does that compares and writes
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(last.keep, older)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.2)
        path.write_bytes(newer)
        os.close(folder)
        waiting.result()
    assert path.read_bytes() == newer
