"""Let a role that only serves erase only what a deletion covers"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COVERED = (
    "EXISTS (SELECT FROM audit_event about JOIN audit_event deleted "
    "ON deleted.subject = about.subject AND deleted.id > about.id "
    "WHERE about.id = event_id AND about.type IN "
    "('prompt.moderated', 'review.appealed', 'video.failed') "
    "AND deleted.type = 'video.deleted' AND deleted.version >= 2)"
)
_ERASABLE = {"audit_personal": _COVERED, "audit_label": f"label LIKE 'actor:%' AND {_COVERED}"}


def upgrade() -> None:
    """Apply. The tables' owner is not bound by row security."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, condition in _ERASABLE.items():
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING (true)")
        op.execute(f"CREATE POLICY {table}_add ON {table} FOR INSERT WITH CHECK (true)")
        op.execute(f"CREATE POLICY {table}_erase ON {table} FOR DELETE USING ({condition})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Revert."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _ERASABLE:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for policy in ("read", "add", "erase"):
            op.execute(f"DROP POLICY {table}_{policy} ON {table}")
