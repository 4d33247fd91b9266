"""Migrations, and what the database itself refuses."""

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import events
from api.audit.sequencer import sequence
from api.db import schema
from api.db.models import AuditEvent, Base
from api.db.session import Database
from provenance.ledger.note import NoteSigner


def test_migrations_and_models_agree(database: Database) -> None:
    schema.check(database)


def test_downgrade_leaves_nothing_and_upgrade_returns(database: Database) -> None:
    schema.downgrade(database, "base")
    ours = set(Base.metadata.tables)
    assert ours.isdisjoint(sa.inspect(database.engine).get_table_names())
    schema.upgrade(database)
    assert ours <= set(sa.inspect(database.engine).get_table_names())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET tenant = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_leaf SET event_id = 2",
        "DELETE FROM audit_leaf",
        "UPDATE audit_checkpoint SET note = ''",
        "DELETE FROM audit_checkpoint",
    ],
)
def test_the_log_is_append_only(database: Database, statement: str) -> None:
    with database.transaction() as session:
        events.append(session, events.KeyRevoked(), tenant="t", actor="a")
    sequence(database, NoteSigner("signet.test/log", Ed25519PrivateKey.generate()))
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        database.transaction() as session,
    ):
        session.execute(sa.text(statement))
    with database.transaction() as session:
        assert session.scalars(sa.select(AuditEvent.tenant)).all() == ["t"]


def test_an_event_vanishes_with_its_transaction(database: Database) -> None:
    def fail_after_logging() -> None:
        with database.transaction() as session:
            events.append(session, events.KeyRevoked(), tenant="t", actor="a")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_after_logging()
    with database.transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == 0
