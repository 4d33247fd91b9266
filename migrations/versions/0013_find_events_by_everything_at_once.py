"""Find events by everything they say at once"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TOGETHER = (
    ("actor", "action"),
    ("actor", "category"),
    ("action", "category"),
    ("actor", "action", "category"),
)


def upgrade() -> None:
    """Apply. Labels that are there are joined to all that their events are found by."""
    op.add_column("audit_label", sa.Column("type", sa.String(64)))
    op.execute(
        "UPDATE audit_label SET type = "
        "(SELECT type FROM audit_event WHERE audit_event.id = audit_label.event_id)"
    )
    with op.batch_alter_table("audit_label") as table:
        table.alter_column("type", existing_type=sa.String(64), nullable=False)
    for kinds in _TOGETHER:
        op.execute(_join(*kinds))
    op.drop_index("ix_audit_event_occurred_at", "audit_event")  # `audit_span` took its place
    op.create_index("ix_audit_event_tenant_type", "audit_event", ["tenant", "type", "id"])
    op.create_index("ix_audit_label_label_type", "audit_label", ["label", "type", "event_id"])
    op.create_index(
        "ix_audit_label_tenant_type", "audit_label", ["tenant", "label", "type", "event_id"]
    )


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_audit_label_tenant_type", "audit_label")
    op.drop_index("ix_audit_label_label_type", "audit_label")
    op.drop_index("ix_audit_event_tenant_type", "audit_event")
    op.create_index("ix_audit_event_occurred_at", "audit_event", ["occurred_at", "id"])
    op.execute("DELETE FROM audit_label WHERE label LIKE '%\n%'")
    with op.batch_alter_table("audit_label") as table:
        table.drop_column("type")


def _join(*kinds: str) -> sa.Insert:
    """Adds what events say together of these kinds."""
    names = ("event_id", "label", "tenant", "type")
    label = sa.table("audit_label", *map(sa.column, names))
    each = [label.alias(kind) for kind in kinds]
    first, *others = each
    together = first.c.label
    query = sa.select(first.c.event_id).where(*map(_is_alone, each))
    for other in others:
        query = query.where(other.c.event_id == first.c.event_id)
        together = together.concat(sa.literal("\n", sa.String)).concat(other.c.label)
    return label.insert().from_select(
        names, query.add_columns(together, first.c.tenant, first.c.type)
    )


def _is_alone(label: sa.Alias) -> sa.ColumnElement[bool]:
    """What was joined before holds a line break."""
    is_kind = label.c.label.startswith(f"{label.name}:")
    return sa.and_(is_kind, sa.not_(label.c.label.contains("\n")))
