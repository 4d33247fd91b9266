"""Keep cases for moderators"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Videos that are held already get their case."""
    op.create_table(
        "review",
        sa.Column("video_id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(128), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(128), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["video_id"], ["video.id"], name=op.f("fk_review_video_id_video")),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_state", "review", ["state", "opened_at", "video_id"])
    op.execute(
        "INSERT INTO review (video_id, tenant, kind, state, opened_at) "
        "SELECT id, tenant, 'held', 'open', created_at FROM video WHERE state = 'held'"
    )


def downgrade() -> None:
    """Revert. Refused videos, which only an appeal can revive, become failed ones."""
    op.drop_table("review")
    op.execute("UPDATE video SET state = 'failed' WHERE state = 'refused'")
