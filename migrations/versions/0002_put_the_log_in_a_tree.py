"""Put the log in a tree"""

import sqlalchemy as sa
from alembic import op

from provenance.ledger.leaf import commitment, new_salt

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply. Events that are there already are committed to and queued for the tree."""
    op.drop_index("ix_audit_event_subject", "audit_event")
    op.create_table(
        "audit_personal",
        sa.Column("event_id", _SERIAL, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_personal_event_id_audit_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_personal")),
    )
    op.create_table(
        "audit_label",
        sa.Column("label", sa.String(160), nullable=False),
        sa.Column("event_id", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_label_event_id_audit_event")
        ),
        sa.PrimaryKeyConstraint("label", "event_id", name=op.f("pk_audit_label")),
    )
    op.create_index("ix_audit_label_event_id", "audit_label", ["event_id"])
    op.create_table(
        "audit_pending",
        sa.Column("event_id", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_pending_event_id_audit_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("index", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("event_id", _SERIAL, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_leaf_event_id_audit_event")
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_leaf_event_id")),
    )
    op.create_table(
        "audit_tile",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("index", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_audit_tile")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    for statement in _unrefuse("audit_event"):
        op.execute(statement)
    op.add_column(
        "audit_event", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column(
        "audit_event",
        sa.Column("commitment", sa.LargeBinary(), nullable=False, server_default=""),
    )
    _commit_to_what_is_there()
    op.drop_column("audit_event", "actor")
    for name, columns in (
        ("subject", ["subject", "id"]),
        ("type", ["type", "id"]),
        ("tenant", ["tenant", "id"]),
        ("occurred_at", ["occurred_at", "id"]),
    ):
        op.create_index(f"ix_audit_event_{name}", "audit_event", columns)
    for table in ("audit_event", "audit_leaf", "audit_checkpoint"):
        for statement in _refuse(table):
            op.execute(statement)
    for statement in _queue():
        op.execute(statement)


def downgrade() -> None:
    """Revert. Actors come back; what else was personal is lost."""
    for statement in [*_unqueue(), *_unrefuse("audit_event")]:
        op.execute(statement)
    op.add_column(
        "audit_event", sa.Column("actor", sa.String(128), nullable=False, server_default="")
    )
    personal = sa.table("audit_personal", sa.column("event_id"), sa.column("content", sa.JSON()))
    event = sa.table("audit_event", sa.column("id"), sa.column("actor"))
    for row in op.get_bind().execute(sa.select(personal)).all():
        op.execute(
            event.update().where(event.c.id == row.event_id).values(actor=row.content["actor"])
        )
    for table in ("audit_checkpoint", "audit_tile", "audit_leaf", "audit_pending"):
        op.drop_table(table)
    op.drop_table("audit_personal")
    op.drop_table("audit_label")
    for name in ("subject", "type", "tenant", "occurred_at"):
        op.drop_index(f"ix_audit_event_{name}", "audit_event")
    op.drop_column("audit_event", "commitment")
    op.drop_column("audit_event", "version")
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"])
    for statement in _refuse("audit_event"):
        op.execute(statement)


def _commit_to_what_is_there() -> None:
    event = sa.table(
        "audit_event",
        *(sa.column(name) for name in ("id", "actor", "commitment", "version")),
        sa.column("data", sa.JSON()),
    )
    personal = sa.table(
        "audit_personal",
        sa.column("event_id"),
        sa.column("salt"),
        sa.column("content", sa.JSON()),
    )
    label = sa.table("audit_label", sa.column("label"), sa.column("event_id"))
    pending = sa.table("audit_pending", sa.column("event_id"))
    bind = op.get_bind()
    for row in bind.execute(sa.select(event.c.id, event.c.actor, event.c.data)).all():
        labels = [f"actor:{row.actor}"]
        if "action" in row.data:
            labels.append(f"action:{row.data['action']}")
        for each in labels:
            bind.execute(label.insert().values(label=each, event_id=row.id))
        salt, content = new_salt(), {"actor": row.actor}
        bind.execute(personal.insert().values(event_id=row.id, salt=salt, content=content))
        bind.execute(
            event.update()
            .where(event.c.id == row.id)
            .values(commitment=commitment(salt, dict(content)))
        )
        bind.execute(pending.insert().values(event_id=row.id))


def _refuse(table: str) -> list[str]:
    """Statements that make a table append-only."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]


def _queue() -> list[str]:
    """Statements that make every new event wait for its place in the tree."""
    insert = "INSERT INTO audit_pending (event_id) VALUES (NEW.id)"
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER audit_event_queued AFTER INSERT ON audit_event BEGIN {insert}; END"
        ]
    return [
        "CREATE FUNCTION queue_event() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {insert}; RETURN NULL; END $$",
        "CREATE TRIGGER audit_event_queued AFTER INSERT ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION queue_event()",
    ]


def _unrefuse(table: str) -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        return [f"DROP TRIGGER {table}_{verb}" for verb in ("update", "delete")]
    return [f"DROP TRIGGER {table}_append_only ON {table}"]


def _unqueue() -> list[str]:
    if op.get_bind().dialect.name == "sqlite":
        return ["DROP TRIGGER audit_event_queued"]
    return ["DROP TRIGGER audit_event_queued ON audit_event", "DROP FUNCTION queue_event()"]
