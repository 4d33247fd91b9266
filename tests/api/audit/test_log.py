"""The log as a tree: sequencing, proofs, checking, erasure, on both databases."""

import threading
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import events
from api.audit import check, erasure, parts, reading, rows, search, sequencer, tree
from api.audit.entry import entry_of
from api.audit.sequencer import sequence, sequence_all
from api.db import schema
from api.db.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditPersonal
from api.db.session import Database
from provenance.ledger.note import NoteSigner
from provenance.ledger.proof_file import verify_entry

SIGNER = NoteSigner("signet.test/log", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
KEY = SIGNER.verifier_key


def add(database: Database, count: int, *, subject: str = "video_1") -> None:
    with database.transaction() as session:
        for number in range(count):
            events.append(
                session,
                events.VideoFailed(stage="render", code=f"code-{number}", detail={"n": number / 3}),
                tenant="t",
                actor="somebody",
                subject=subject,
                personal={"prompt": "a prompt that must vanish"},
            )


def inspect(database: Database) -> check.LogReport:
    with database.transaction() as session:
        return check.check(session, KEY, lambda _done, _total: None)


def test_events_get_their_places_in_order_and_a_signed_head(database: Database) -> None:
    assert sequence(database, SIGNER) == 0
    add(database, 300)
    assert sequence(database, SIGNER) == 300
    add(database, 3)
    assert sequence(database, SIGNER) == 3
    report = inspect(database)
    assert (report.size, report.waiting, report.checkpoints) == (303, 0, 2)
    assert report.intact


def test_every_event_can_be_proved_offline(database: Database) -> None:
    add(database, 5)
    sequence_all(database, SIGNER)
    add(database, 2)
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        for event in session.scalars(sa.select(AuditEvent)):
            verified = verify_entry(entry_of(event), tree.prove(session, event.id), [KEY])
            assert verified.checkpoint.size == 7
    with database.transaction() as session, pytest.raises(tree.NotLoggedError):
        tree.prove(session, 99)


def test_a_process_stopped_while_it_sequences_holds_nobody_up(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    add(database, 3)
    stopped = psycopg.connect(postgres_url)
    stopped.execute("SELECT pg_advisory_xact_lock(%s)", [sequencer._LOCK])
    stopped.pgconn.exec_(b"COPY audit_leaf FROM STDIN")  # and not a row follows
    assert sequence(database, SIGNER) == 0
    assert sequence(database, SIGNER) == 0, "ended one that may be at work"
    monkeypatch.setattr(sequencer, "_FROZEN_AFTER_SECONDS", 0.0)
    assert sequence(database, SIGNER) == 0
    assert sequence(database, SIGNER) == 3
    assert inspect(database).intact
    stopped.close()
    database.close()


def test_concurrent_sequencers_never_fork(database: Database) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            sequence(database, SIGNER)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        add(database, 3)
    stop.set()
    for thread in threads:
        thread.join()
    sequence_all(database, SIGNER)
    report = inspect(database)
    assert report.intact
    assert report.size == 60


TAMPERINGS = {
    "changed": "UPDATE audit_event SET data = '{}' WHERE id = 7",
    "removed": "DELETE FROM audit_event WHERE id = 7",
    "moved in time": "UPDATE audit_event SET occurred_at = '2020-01-01 00:00:00' WHERE id = 7",
    "exchanged": "UPDATE audit_leaf SET event_id = CASE event_id WHEN 7 THEN 8 ELSE 7 END "
    "WHERE event_id IN (7, 8)",
    "personal": 'UPDATE audit_personal SET content = \'{"actor": "x"}\' WHERE event_id = 7',
    "unreadable": "UPDATE audit_event SET data = 'no JSON' WHERE id = 7",
    "of another kind": "UPDATE audit_event SET data = '[1]' WHERE id = 7",
    "its bytes": "UPDATE audit_leaf SET entry = x'00' WHERE event_id = 7",
    "its label": "DELETE FROM audit_label WHERE event_id = 7",
    "unplaced": "DELETE FROM audit_leaf WHERE event_id = 7",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_by_the_databases_owner_is_found_and_located(
    tmp_path: Path, statement: str
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)
    add(database, 20)
    sequence_all(database, SIGNER)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        if statement.startswith("UPDATE audit_leaf"):
            connection.exec_driver_sql("UPDATE audit_leaf SET event_id = -1 WHERE event_id = 7")
            connection.exec_driver_sql("UPDATE audit_leaf SET event_id = 7 WHERE event_id = 8")
            connection.exec_driver_sql("UPDATE audit_leaf SET event_id = 8 WHERE event_id = -1")
        else:
            connection.exec_driver_sql(statement)
        connection.commit()
    report = inspect(database)
    assert not report.intact
    assert any(finding.entry in (6, 7) or finding.event_id == 7 for finding in report.findings)
    database.close()


def test_several_processes_find_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, 700)
    sequence_all(database, SIGNER)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            'UPDATE audit_personal SET content = \'{"actor": "x"}\' WHERE event_id = 300'
        )
    alone = inspect(database)
    assert [finding.entry for finding in alone.findings if finding.entry == 299]
    monkeypatch.setattr(parts, "_WORTH_PROCESSES", 1)
    monkeypatch.setattr(rows, "AT_ONCE", 256)
    assert inspect(database) == alone


def test_a_part_is_found_without_walking_the_whole_log(postgres_url: str) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    asked = reading.event_ids(AuditLeaf.index.between(8192, 12287))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")  # leaves of no events
        connection.exec_driver_sql(
            "INSERT INTO audit_leaf SELECT n, n + 1, '' FROM generate_series(0, 20000) AS n"
        )
        connection.exec_driver_sql("ANALYZE audit_leaf")
        assert connection.execute(asked).one() == (8193, 12288)
        query = asked.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").scalar_one()
    assert "Rows Removed by Filter" not in str(plan)
    database.close()


@pytest.mark.parametrize("signs_anew", [False, True])
def test_a_tree_that_was_rebuilt_without_the_key_is_found(tmp_path: Path, signs_anew: bool) -> None:
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)
    for _ in range(5):
        add(database, 10)
        sequence_all(database, SIGNER)
    with database.engine.begin() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        signed = connection.execute(sa.select(AuditCheckpoint)).mappings().all()
        connection.exec_driver_sql("UPDATE audit_event SET tenant = 'elsewhere' WHERE id = 7")
        connection.exec_driver_sql("UPDATE audit_label SET tenant = 'elsewhere' WHERE event_id = 7")
        for table in ("audit_leaf", "audit_tile", "audit_checkpoint"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("INSERT INTO audit_pending SELECT id FROM audit_event")
    thief = NoteSigner(SIGNER.name, Ed25519PrivateKey.from_private_bytes(b"2" * 32))
    sequence_all(database, thief)
    if not signs_anew:
        with database.engine.begin() as connection:
            connection.execute(sa.delete(AuditCheckpoint))
            connection.execute(sa.insert(AuditCheckpoint), [dict(row) for row in signed])
    report = inspect(database)
    assert not report.intact
    if not signs_anew:
        assert [finding.entry for finding in report.findings] == [0]
        assert report.findings[0].message == "entries 0 to 9 do not lead to their signed head"
    database.close()


def test_erasure_leaves_no_byte_and_every_proof(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    add(database, 10, subject="video_1")
    add(database, 10, subject="video_2")
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        proofs = {
            event.id: (entry_of(event), tree.prove(session, event.id))
            for event in session.scalars(sa.select(AuditEvent))
        }
    for subject in ("video_1", "video_2"):
        with database.transaction() as session:
            assert erasure.erase(session, subject, actor="cli") == 10
    erasure.scrub(database)
    sequence_all(database, SIGNER)
    files = b"".join(each.read_bytes() for each in tmp_path.glob("log.sqlite*"))
    assert b"must vanish" not in files
    assert b"somebody" not in files
    for entry, proof in proofs.values():
        verify_entry(entry, proof, [KEY])
    assert inspect(database).intact
    with database.transaction() as session:
        rows, _ = search.page(session, search.Filter(subject="video_1"))
        assert rows[0].event.type == "subject.erased"
        assert all(row.personal is None for row in rows[1:])
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditPersonal)) == 2
    database.close()


def test_erasure_leaves_no_byte_in_postgresqls_files(postgres_url: str) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    for _ in range(30):
        add(database, 10)
    sequence_all(database, SIGNER)
    _autocommit(database, "ANALYZE")  # statistics keep samples of what they count
    _autocommit(database, "CHECKPOINT")
    assert _holds(database, b"must vanish")
    assert _holds(database, b"somebody")
    with database.transaction() as session:
        assert erasure.erase(session, "video_1", actor="cli") == 300
    erasure.scrub(database)
    _autocommit(database, "CHECKPOINT")
    assert not _holds(database, b"must vanish")
    assert not _holds(database, b"somebody")
    sequence_all(database, SIGNER)
    assert inspect(database).intact
    database.close()


def _autocommit(database: Database, statement: str) -> None:
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)


def _holds(database: Database, text: bytes) -> bool:
    """Whether a file of this PostgreSQL database contains the text."""
    with database.engine.connect() as connection:
        ask = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = "
        folder, oid = connection.exec_driver_sql(ask + "current_database()").one()
    files = (Path(folder) / "base" / str(oid)).iterdir()
    return any(text in file.read_bytes() for file in files)


def test_erasing_the_unknown_is_an_error(database: Database) -> None:
    with database.transaction() as session, pytest.raises(erasure.NothingToEraseError):
        erasure.erase(session, "video_0", actor="cli")
