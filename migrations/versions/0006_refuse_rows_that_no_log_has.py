"""Refuse rows that no log has"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PLACE = '"index" >= 0'
_TIME = "occurred_at >= '1970-01-01 00:00:00+00' AND occurred_at < '9999-12-31 00:00:00+00'"


def upgrade() -> None:
    """Apply. Rows that are there already are left for the check of the log to name."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA ignore_check_constraints = ON")
        with op.batch_alter_table("audit_leaf") as table:
            table.create_check_constraint(op.f("ck_audit_leaf_index"), sa.text(_PLACE))
        op.execute("PRAGMA ignore_check_constraints = OFF")
        _refuse_changes_of_leaves()
        op.execute(
            "CREATE TRIGGER audit_checkpoint_covered BEFORE INSERT ON audit_checkpoint "
            'WHEN NOT EXISTS (SELECT 1 FROM audit_leaf WHERE "index" = NEW.size - 1) '
            "BEGIN SELECT RAISE(ABORT, 'audit_checkpoint covers what is not there'); END"
        )
        return
    for table, name, condition in (
        ("audit_leaf", "index", _PLACE),
        ("audit_event", "occurred_at", _TIME),
    ):
        broken = sa.select(sa.func.count()).select_from(sa.table(table))
        broken = broken.where(sa.text(f"NOT ({condition})"))
        extent = "NOT VALID" if op.get_bind().execute(broken).scalar_one() else ""
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) {extent}"
        )
    op.execute(
        "CREATE FUNCTION refuse_uncovered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        'IF NOT EXISTS (SELECT 1 FROM audit_leaf WHERE "index" = NEW.size - 1) THEN '
        "RAISE EXCEPTION '% covers what is not there', TG_TABLE_NAME; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_checkpoint_covered BEFORE INSERT ON audit_checkpoint "
        "FOR EACH ROW EXECUTE FUNCTION refuse_uncovered()"
    )


def downgrade() -> None:
    """Revert."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_checkpoint_covered")
        with op.batch_alter_table("audit_leaf") as table:
            table.drop_constraint(op.f("ck_audit_leaf_index"), type_="check")
        _refuse_changes_of_leaves()
        return
    op.execute("DROP TRIGGER audit_checkpoint_covered ON audit_checkpoint")
    op.execute("DROP FUNCTION refuse_uncovered()")
    op.execute("ALTER TABLE audit_event DROP CONSTRAINT ck_audit_event_occurred_at")
    op.execute("ALTER TABLE audit_leaf DROP CONSTRAINT ck_audit_leaf_index")


def _refuse_changes_of_leaves() -> None:
    """Again: SQLite alters a table by making another, which has no triggers yet."""
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_leaf_{verb.lower()} BEFORE {verb} ON audit_leaf "
            "BEGIN SELECT RAISE(ABORT, 'audit_leaf is append-only'); END"
        )
