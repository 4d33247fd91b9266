"""Let labels know their tenant"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_audit_label_event_id", "audit_label")
    op.add_column("audit_label", sa.Column("tenant", sa.String(64)))
    op.execute(
        "UPDATE audit_label SET tenant = "
        "(SELECT tenant FROM audit_event WHERE audit_event.id = audit_label.event_id)"
    )
    with op.batch_alter_table("audit_label") as table:
        table.alter_column("tenant", nullable=False)
        table.drop_constraint("pk_audit_label", type_="primary")
        table.create_primary_key("pk_audit_label", ["event_id", "label"])
    op.create_index("ix_audit_label_label", "audit_label", ["label", "event_id"])
    op.create_index("ix_audit_label_tenant", "audit_label", ["tenant", "label", "event_id"])


def downgrade() -> None:
    """Revert."""
    op.drop_index("ix_audit_label_tenant", "audit_label")
    op.drop_index("ix_audit_label_label", "audit_label")
    with op.batch_alter_table("audit_label") as table:
        table.drop_constraint("pk_audit_label", type_="primary")
        table.create_primary_key("pk_audit_label", ["label", "event_id"])
        table.drop_column("tenant")
    op.create_index("ix_audit_label_event_id", "audit_label", ["event_id"])
