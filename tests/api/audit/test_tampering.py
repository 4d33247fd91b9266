"""What somebody does to the log's tables who may do anything to them but has no key."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.audit import check, erasure, rows, tree
from api.audit.finding import Finding
from api.audit.sequencer import sequence, sequence_all
from api.db import schema
from api.db.models import AuditCheckpoint, AuditCosignature
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign
from provenance.ledger.errors import LedgerError
from tests.api.audit.test_log import KEY, SIGNER, add, inspect

WITNESS = Ed25519PrivateKey.from_private_bytes(b"3" * 32)
SIZE = 321
"""Of the log: ten events of video_1, which were erased, ten of video_2, others, and the erasure."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with four heads, one of them cosigned, and tiles on two levels."""
    path = tmp_path_factory.mktemp("template") / "log.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    for subject, count in (("video_1", 10), ("video_2", 10), ("video_3", 300)):
        add(database, count, subject=subject)
        sequence_all(database, SIGNER)
    with database.transaction() as session:
        erasure.erase(session, "video_1", actor="cli")
        text = Checkpoint.parse_signed(session.get(AuditCheckpoint, 20).note).text
        line = f"{cosign(text, 'witness.test', WITNESS, 1)}\n".encode()
        key = WitnessKey("witness.test", WITNESS.public_key().public_bytes_raw())
        session.add(AuditCosignature(size=20, witness=str(key), line=line))
    sequence_all(database, SIGNER)
    assert inspect(database) == check.LogReport(SIZE, 0, 4, ())
    with database.engine.connect() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.commit()
    database.close()
    return path


@pytest.fixture
def victim(template: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    shutil.copy(template, tmp_path / "log.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield database
    database.close()


def tamper(database: Database, *statements: str) -> None:
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def findings(database: Database, kept: Checkpoint | None = None) -> tuple[Finding, ...]:
    with database.transaction() as session:
        return check.check(session, KEY, lambda _done, _total: None, kept).findings


def assert_named(found: tuple[Finding, ...], what: str) -> None:
    assert any(what in each.message for each in found), found


ADD_EVENT = (
    "INSERT INTO audit_event (id, occurred_at, type, version, tenant, data, commitment) SELECT "
    "500, occurred_at, type, version, tenant, data, commitment FROM audit_event WHERE id = 17"
)
EVENT, LEAF, HEAD, TILE, COSIGNATURE = (
    f"UPDATE audit_{name} SET " for name in ("event", "leaf", "checkpoint", "tile", "cosignature")
)

TAMPERINGS: dict[str, tuple[str, str]] = {
    "placed before all": (
        f"{ADD_EVENT}; INSERT INTO audit_leaf VALUES (-1, 500, x'00')",
        "entry -1 lies before the first",
    ),
    "placed behind all": (
        f"{ADD_EVENT}; INSERT INTO audit_leaf VALUES (400, 500, x'00')",
        "entry 400 lies beyond the signed head",
    ),
    "nowhere": (ADD_EVENT, "event 500 was put into the log behind its back"),
    "queued again": ("INSERT INTO audit_pending VALUES (17)", "event 17 waits for a place but has"),
    "queued nothing": ("INSERT INTO audit_pending VALUES (600)", "event 600 waits for a place but"),
    "quietly erased": (
        "DELETE FROM audit_personal WHERE event_id = 17; "
        "DELETE FROM audit_label WHERE event_id = 17 AND label LIKE 'actor:%'",
        "entry 16 has lost its personal part",
    ),
    "who erased": (
        f"DELETE FROM audit_personal WHERE event_id = {SIZE}; "
        f"DELETE FROM audit_label WHERE event_id = {SIZE}",
        f"entry {SIZE - 1} has lost its personal part",
    ),
    "emptied personal part": (
        "UPDATE audit_personal SET salt = x'' WHERE event_id = 17",
        "entry 16",
    ),
    "endless time": (f"{EVENT} occurred_at = 9e999 WHERE id = 17", "entry 16"),
    "tile of a level without UTF-8": (
        f"{TILE} level = CAST(x'ff' AS TEXT) WHERE level = 1",
        "tile 0 of level None lies outside the log",
    ),
    "label of an event without UTF-8": (
        "UPDATE audit_label SET event_id = CAST(x'ff' AS TEXT) WHERE event_id = 17",
        "a label is there of event None, which is not",
    ),
    "cosignature of a head without UTF-8": (
        f"{COSIGNATURE} size = CAST(x'ff' AS TEXT)",
        "a cosignature is there of the checkpoint of size None",
    ),
    "respelt time": (
        f"{EVENT} occurred_at = replace(occurred_at, ' ', 'T') WHERE id = 17",
        "entry 16 is gone or cannot be read",
    ),
    "same time elsewhere": (
        f"{EVENT} occurred_at = datetime(occurred_at, '-23 hours') || '-23:00' WHERE id = 17",
        "entry 16 is gone or cannot be read",
    ),
    "named time": (f"{EVENT} occurred_at = 'infinity' WHERE id = 17", "entry 16"),
    "time before Christ": (f"{EVENT} occurred_at = '-0044-03-15 00:00' WHERE id = 17", "entry 16"),
    "last moment": (
        f"{EVENT} occurred_at = '9999-12-31 23:59:59-14:00' WHERE id = 17",
        "entry 16",
    ),
    "subject without UTF-8": (f"{EVENT} subject = CAST(x'ff' AS TEXT) WHERE id = 17", "entry 16"),
    "data without UTF-8": (f"{EVENT} data = CAST(x'22ff22' AS TEXT) WHERE id = 17", "entry 16"),
    "number for data": (f"{EVENT} data = 5 WHERE id = 17", "entry 16"),
    "text for a commitment": (f"{EVENT} commitment = 'x' WHERE id = 17", "entry 16"),
    "label without UTF-8": (
        "UPDATE audit_label SET label = CAST(x'ff' AS TEXT) WHERE event_id = 17",
        "entry 16",
    ),
    "another tenant's label": (
        "UPDATE audit_label SET tenant = 'elsewhere' WHERE event_id = 17",
        "entry 16 would not be found",
    ),
    "label of nothing": (
        "INSERT INTO audit_label (event_id, label, tenant) VALUES (600, 'action:allow', 't')",
        "a label is there of event 600",
    ),
    "personal part of nothing": (
        "INSERT INTO audit_personal VALUES (600, x'00', '{}')",
        "a personal part is there of event 600",
    ),
    "text for bytes": (f"{LEAF} entry = 'x' WHERE event_id = 17", "entry 16"),
    "text for an event": (f"{LEAF} event_id = 'x' WHERE event_id = 17", "entry 16"),
    "text in a tile": (f"{TILE} hashes = 'x' WHERE level = 0", "entry 16"),
    "endless tile": (f"{TILE} hashes = 9223372036854775807 WHERE level = 0", "entry 16"),
    "text in an upper tile": (f"{TILE} hashes = 'x' WHERE level = 1", "tile 0 of level 1"),
    "another upper tile": (f"{TILE} hashes = zeroblob(32) WHERE level = 1", "tile 0 of level 1"),
    "junk behind a full tile": (
        f"{TILE} hashes = CAST(hashes || x'00' AS BLOB) WHERE level = 0 AND \"index\" = 0",
        "tile 0 of level 0 has 8193 bytes",
    ),
    "junk behind the last tile": (
        f'{TILE} hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 0 AND "index" = 1',
        "tile 1 of level 0 has 2112 bytes",
    ),
    "junk behind an upper tile": (
        f"{TILE} hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 1",
        "tile 0 of level 1 has 64 bytes",
    ),
    "tile beyond": ("INSERT INTO audit_tile VALUES (0, 2, zeroblob(32))", "tile 2 of level 0 lies"),
    "tile above": ("INSERT INTO audit_tile VALUES (2, 0, zeroblob(32))", "tile 0 of level 2 lies"),
    "tile before": ("INSERT INTO audit_tile VALUES (0, -1, x'00')", "tile -1 of level 0 lies"),
    "tile by name": (
        "INSERT INTO audit_tile VALUES ('x', 'y', x'00')",
        "tile None of level None lies",
    ),
    "text for a head": (f"{HEAD} note = 'x' WHERE size = 20", "checkpoint of size 20 cannot be"),
    "changed head": (f"{HEAD} note = x'00' WHERE size = 20", "checkpoint of size 20 is false"),
    "more below a head": (
        f"{HEAD} note = CAST(note || '— x.example/says AAAAAAA=' || char(10) AS BLOB) "
        "WHERE size = 20",
        "checkpoint of size 20 has lines below the log's signature",
    ),
    "moved head": (f"{HEAD} size = 21 WHERE size = 20", "checkpoint of size 21 says 20"),
    "inserted head": (
        "INSERT INTO audit_checkpoint SELECT 9223372036854775807, note, created_at "
        "FROM audit_checkpoint WHERE size = 20",
        "checkpoint of size 9223372036854775807 says 20",
    ),
    "head without a time": (f"{HEAD} created_at = 'x' WHERE size = 20", "size 20 cannot be read"),
    "head of another time": (
        f"{HEAD} created_at = '2020-01-01 00:00:00' WHERE size = 20",
        "checkpoint of size 20 was signed at another time",
    ),
    "removed first head": (
        "DELETE FROM audit_checkpoint WHERE size = 10",
        "checkpoint of size 10 is gone",
    ),
    "removed middle head": (
        "DELETE FROM audit_checkpoint WHERE size = 320",
        "checkpoint of size 320 is gone",
    ),
    "removed newest head": (
        f"DELETE FROM audit_checkpoint WHERE size = {SIZE}",
        f"entry {SIZE - 1} lies beyond the signed head",
    ),
    "text for a cosignature": (
        f"{COSIGNATURE} line = 'x'",
        "cosignature of the checkpoint of size",
    ),
    "changed cosignature": (
        f"{COSIGNATURE} line = CAST(replace(line, 'A', 'B') AS BLOB)",
        "cosignature of the checkpoint of size 20 by witness.test",
    ),
    "more than a cosignature": (
        f"{COSIGNATURE} line = CAST(line || line || x'0a' AS BLOB)",
        "cosignature of the checkpoint of size 20 by witness.test",
    ),
    "a cosignature twice": (
        f"{COSIGNATURE} line = CAST(line || line AS BLOB)",
        "cosignature of the checkpoint of size 20 by witness.test",
    ),
    "another's cosignature": (
        f"{COSIGNATURE} witness = 'x'",
        "cosignature of the checkpoint of size 20 by x",
    ),
    "moved cosignature": (f"{COSIGNATURE} size = 10", "cosignature of the checkpoint of size 10"),
    "cosignature of nothing": (f"{COSIGNATURE} size = 11", "checkpoint of size 11, which is not"),
}


@pytest.mark.parametrize(("statements", "what"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_found_and_located(victim: Database, statements: str, what: str) -> None:
    tamper(victim, *statements.split("; "))
    assert_named(findings(victim), what)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"{EVENT} occurred_at = 'infinity' WHERE id = 3", "entry 2 is gone or cannot be read"),
        (f"{EVENT} occurred_at = '0044-03-15 BC' WHERE id = 3", "entry 2 is gone or cannot"),
        (f"{EVENT} occurred_at = '294000-01-01' WHERE id = 3", "entry 2 is gone or cannot be read"),
        (f"{HEAD} created_at = '-infinity'", "the checkpoint of size 5 cannot be read"),
    ],
)
def test_times_that_python_has_not_are_found_on_postgresql(
    postgres_url: str, statement: str, what: str
) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    add(database, 5)
    sequence_all(database, SIGNER)
    tamper(
        database,
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "ALTER TABLE audit_checkpoint DISABLE TRIGGER ALL",
        "ALTER TABLE audit_event DROP CONSTRAINT ck_audit_event_occurred_at",
        statement,
    )
    assert_named(findings(database), what)
    database.close()


CUT = (
    *(f"DELETE FROM audit_{table} WHERE event_id > 20" for table in ("personal", "label", "leaf")),
    "DELETE FROM audit_event WHERE id > 20",
    "DELETE FROM audit_checkpoint WHERE size > 20",
    'DELETE FROM audit_tile WHERE level > 0 OR "index" > 0',
    f"{TILE} hashes = substr(hashes, 1, 640)",
)


def test_entries_behind_a_false_head_are_compared_too(
    victim: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", 256)
    tamper(victim, f"{TILE} hashes = zeroblob(32) || substr(hashes, 33) WHERE level = 0")
    tamper(victim, f"{EVENT} subject = 'video_9' WHERE id = 300")
    assert_named(findings(victim), "entries 0 to 9 do not lead to their signed head")
    assert_named(findings(victim), "entry 299 is not what was logged")


def test_a_tail_cannot_be_cut_off_with_an_erasure_in_it(victim: Database) -> None:
    with victim.transaction() as session:
        notes = session.scalars(sa.select(AuditCheckpoint.note).order_by(AuditCheckpoint.size))
        first, *_, last = (open_checkpoint(note, [KEY])[0] for note in notes)
    assert findings(victim, first) == findings(victim, last) == ()
    tamper(victim, *CUT)
    assert_named(findings(victim), "entry 0 has lost its personal part")
    assert not [each for each in findings(victim, first) if "kept" in each.message]
    assert_named(findings(victim, last), "entries 20 to 320, which the kept head covers, are gone")


def test_only_a_kept_head_tells_that_the_tail_was_cut_off(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)
    add(database, 20)
    sequence_all(database, SIGNER)
    add(database, 5)
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        kept, _ = open_checkpoint(tree.newest_checkpoint(session).note, [KEY])
    with database.engine.connect() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.commit()
    tamper(database, *CUT)
    assert findings(database) == ()
    assert [each.entry for each in findings(database, kept)] == [20]
    # Nor does another tail of the same length pass.
    add(database, 5, subject="video_9")
    tamper(database, "INSERT OR IGNORE INTO audit_pending SELECT id FROM audit_event WHERE id > 20")
    sequence_all(database, SIGNER)
    assert findings(database) == ()
    assert_named(findings(database, kept), "the first 25 entries do not lead to the head that was")
    database.close()


def test_what_cannot_be_logged_is_set_aside_and_named(database: Database) -> None:
    add(database, 3)
    assert sequence(database, SIGNER) == 3
    bad = "9e999" if database.engine.dialect.name == "sqlite" else "'infinity'"
    if database.engine.dialect.name == "postgresql":
        tamper(database, "ALTER TABLE audit_event DROP CONSTRAINT ck_audit_event_occurred_at")
    columns = "type, version, tenant, data, commitment"
    tamper(
        database,
        "INSERT INTO audit_pending VALUES (2)",
        f"INSERT INTO audit_event (id, occurred_at, {columns}) "
        f"SELECT 1000, {bad}, {columns} FROM audit_event WHERE id = 1",
        f"INSERT INTO audit_event (id, occurred_at, {columns}) "
        "SELECT 1001, occurred_at, type, version, tenant, '{\"n\": 9007199254740993}', commitment "
        "FROM audit_event WHERE id = 1",
    )
    add(database, 2)
    assert sequence(database, SIGNER) == 2
    assert sequence(database, SIGNER) == 0
    found = findings(database)
    assert [each.event_id for each in found] == [2, 1000, 1001]
    assert_named(found, "event 2 waits for a place but has one")
    assert_named(found, "event 1000 waits for a place but cannot be read")
    assert_named(found, "event 1001 waits for a place but cannot be logged")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_leaf SELECT -1, event_id + 1, entry FROM audit_leaf",
        "INSERT INTO audit_checkpoint SELECT 9223372036854775807, note, created_at "
        "FROM audit_checkpoint",
    ],
)
def test_rows_that_no_log_has_are_refused(database: Database, statement: str) -> None:
    add(database, 1)
    sequence_all(database, SIGNER)
    add(database, 1)
    with pytest.raises(sa.exc.DBAPIError), database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    sequence_all(database, SIGNER)
    assert inspect(database) == check.LogReport(2, 0, 2, ())


@pytest.mark.parametrize("when", ["infinity", "-infinity", "0044-03-15 BC", "294000-01-01"])
def test_times_that_no_event_has_are_refused_by_postgresql(postgres_url: str, when: str) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    with pytest.raises(sa.exc.IntegrityError, match="occurred_at"):
        tamper(
            database,
            "INSERT INTO audit_event (occurred_at, type, version, tenant, data, commitment) "
            f"VALUES ('{when}', 'key.revoked', 1, 't', '{{}}', '')",
        )
    database.close()


def test_heads_of_three_lines_as_they_were_once_signed_are_continued(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)
    for _ in range(2):
        add(database, 3)
        sequence(database, SIGNER)
    tamper(database, "DROP TRIGGER audit_checkpoint_update")
    with database.transaction() as session:
        for head in session.scalars(sa.select(AuditCheckpoint)):
            plain = replace(open_checkpoint(head.note, [KEY])[0], extensions=())
            head.note = sign_checkpoint(plain, SIGNER)
    add(database, 3)
    sequence(database, SIGNER)
    assert findings(database, plain) == ()
    with database.transaction() as session:
        newest, _ = open_checkpoint(tree.newest_checkpoint(session).note, [KEY])
    assert newest.extensions[0] == f"previous {plain.size}"
    database.close()


def test_nothing_is_signed_upon_changed_tiles(victim: Database) -> None:
    tamper(victim, f'{TILE} hashes = zeroblob(8192) WHERE level = 0 AND "index" = 0')
    tamper(victim, f"{TILE} hashes = zeroblob(32) WHERE level = 1")
    add(victim, 1)
    tamper(victim, "INSERT OR IGNORE INTO audit_pending SELECT max(id) FROM audit_event")
    with pytest.raises(LedgerError):
        sequence(victim, SIGNER)
    with victim.transaction() as session:
        assert tree.newest_checkpoint(session).size == SIZE


def test_a_log_that_grows_meanwhile_is_intact(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", 256)
    add(database, 300)
    sequence_all(database, SIGNER)

    def grow(_done: int, _total: int) -> None:
        add(database, 5)
        sequence_all(database, SIGNER)

    with database.transaction() as session:
        assert check.check(session, KEY, grow) == check.LogReport(300, 0, 1, ())
    assert inspect(database) == check.LogReport(310, 0, 3, ())
