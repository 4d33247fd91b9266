"""Keep fingerprints"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Videos that were made before have none, and are found by mark and manifest only."""
    op.create_table(
        "fingerprint",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("video_id", sa.String(64), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["video.id"], name=op.f("fk_fingerprint_video_id_video")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprint")),
        sa.UniqueConstraint("video_id", name=op.f("uq_fingerprint_video_id")),
    )


def downgrade() -> None:
    """Revert. Fingerprints cannot be made again without the files."""
    op.drop_table("fingerprint")
