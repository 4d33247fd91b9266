"""Whether the database shows whoever reads the log all the rows that its tables hold.

The check reads tables along some keys and as one role; pages and exports read them along others,
and as another role maybe. What the database does in between must hide nothing from these.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit.finding import Finding
from api.db.models import Base

_TABLES = sorted(name for name in Base.metadata.tables if name.startswith("audit_"))
_SECURED = sa.text(
    """SELECT relname FROM pg_class table_ WHERE relname = ANY(:tables) AND pg_table_is_visible(oid)
    AND relrowsecurity AND (
        EXISTS (SELECT FROM pg_policy WHERE polrelid = table_.oid AND polcmd IN ('r', '*')
            AND NOT polpermissive)
        OR NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = table_.oid AND polcmd IN ('r', '*')
            AND polpermissive AND polroles = '{0}' AND pg_get_expr(polqual, polrelid) = 'true')
    ) ORDER BY relname"""
)
"""Tables whose row security does not let everybody read every row."""


def check(session: Session) -> Iterator[Finding]:
    """What may hide rows: on SQLite, indexes that lack some; on PostgreSQL, row security."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for table in connection.execute(_SECURED, {"tables": _TABLES}).scalars():
            yield Finding(f"row security may hide rows of {table} from who serves")
        return
    for table in _TABLES:  # 100 lines for each at most
        for line in connection.exec_driver_sql(f"PRAGMA integrity_check({table})").scalars():
            if line != "ok":
                yield Finding(f"SQLite says of {table}: {line}")
