"""Keep witnesses' signatures"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_cosignature",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("witness", sa.String(256), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["size"],
            ["audit_checkpoint.size"],
            name=op.f("fk_audit_cosignature_size_audit_checkpoint"),
        ),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_audit_cosignature")),
    )


def downgrade() -> None:
    """Revert."""
    op.drop_table("audit_cosignature")
