"""Does to the log's tables what somebody can who may do anything but has no key."""

from api.audit import check
from api.audit.finding import Finding
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint
from tests.api.audit.test_log import KEY

SIZE = 321
"""Of the log `victim`: ten events of video_1, which were erased, ten of video_2, others, and the
erasure."""
EVENT, LEAF, HEAD, TILE, COSIGNATURE = (
    f"UPDATE audit_{name} SET " for name in ("event", "leaf", "checkpoint", "tile", "cosignature")
)


def tamper(database: Database, *statements: str) -> None:
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def findings(database: Database, *kept: Checkpoint) -> tuple[Finding, ...]:
    with database.transaction() as session:
        return check.check(session, KEY, lambda _done, _total: None, kept).findings


def assert_named(found: tuple[Finding, ...], what: str) -> None:
    assert any(what in each.message for each in found), found


def drop_triggers(database: Database) -> None:
    """Of SQLite: from now on the database refuses nothing."""
    with database.engine.connect() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.commit()
