"""Migrations, and what the database itself refuses."""

import pytest
import sqlalchemy as sa

from api import events
from api.db import schema
from api.db.models import AuditEvent, Base
from api.db.session import Database


def test_migrations_and_models_agree(database: Database) -> None:
    schema.check(database)


def test_downgrade_leaves_nothing_and_upgrade_returns(database: Database) -> None:
    schema.downgrade(database, "base")
    ours = set(Base.metadata.tables)
    assert ours.isdisjoint(sa.inspect(database.engine).get_table_names())
    schema.upgrade(database)
    assert ours <= set(sa.inspect(database.engine).get_table_names())


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"]
)
def test_the_log_is_append_only(database: Database, statement: str) -> None:
    with database.transaction() as session:
        events.append(session, events.EventType.KEY_CREATED, tenant="t", actor="a")
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        database.transaction() as session,
    ):
        session.execute(sa.text(statement))
    with database.transaction() as session:
        assert session.scalars(sa.select(AuditEvent.actor)).all() == ["a"]


def test_an_event_vanishes_with_its_transaction(database: Database) -> None:
    def fail_after_logging() -> None:
        with database.transaction() as session:
            events.append(session, events.EventType.KEY_CREATED, tenant="t", actor="a")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_after_logging()
    with database.transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == 0
