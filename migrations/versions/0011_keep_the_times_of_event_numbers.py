"""Keep which times neighbouring event numbers have"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply. Events that wait are written down when they get their places."""
    op.create_table(
        "audit_span",
        sa.Column("first", _Serial, autoincrement=False),
        sa.Column("earliest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("pk_audit_span")),
    )
    op.execute(
        "INSERT INTO audit_span (first, earliest, latest) "
        "SELECT id & -1024, min(occurred_at), max(occurred_at) FROM audit_event "
        "JOIN audit_leaf ON event_id = id GROUP BY id & -1024"
    )


def downgrade() -> None:
    """Revert."""
    op.drop_table("audit_span")
