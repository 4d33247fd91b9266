"""What no log has is refused, set aside, or not built upon, and stops nobody else."""

import pytest
import sqlalchemy as sa

from api import events
from api.audit import check, export, health, rows, search, tree
from api.audit.export import Format
from api.audit.sequencer import sequence, sequence_all
from api.db import schema
from api.db.session import Database
from provenance.ledger.errors import LedgerError
from tests.api.audit.tampering import EVENT, SIZE, TILE, assert_named, findings, tamper
from tests.api.audit.test_log import KEY, SIGNER, add, inspect


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


def test_a_check_that_is_not_in_the_log_is_not_believed(database: Database) -> None:
    with database.transaction() as session:
        checked = events.LogChecked(entries=7, findings=0)
        events.append(session, checked, tenant=events.PUBLIC, actor="cli")
    with database.transaction() as session:
        assert health.read(session).checked is None
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        assert health.read(session).checked is not None


UNREADABLE = {
    "time": "occurred_at = '2026-11-28T00:00:00Z'",
    "data": "data = 'no JSON'",
    "list": "data = '[]'",
    "text": "tenant = tenant, subject = CAST(x'ff' AS TEXT)",
    "version": "version = 'one'",
}


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
def test_a_row_that_cannot_be_read_hides_no_other(victim: Database, change: str) -> None:
    tamper(victim, f"{EVENT} {change} WHERE id = 17")
    with victim.transaction() as session:
        rows, _ = search.page(session, search.Filter(limit=50, after=40), tenant="t")
    assert [row.event_id for row in rows] == [*reversed(range(1, 40))]
    assert [row.place for row in rows if isinstance(row, search.Unreadable)] == [16]
    for form in Format:
        lines = list(export.export(victim, search.Conditions(), form, KEY, tenant="t"))
        assert len(lines) == SIZE + (form is not Format.OCSF)
        assert sum("unreadable" in line for line in lines) == 1
