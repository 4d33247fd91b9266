"""Reads rows that somebody may have tampered with.

SQLite stores anything in any column, and PostgreSQL has times that Python has not: one such row
must neither end a check nor hide the others.
"""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.db.models import AuditLeaf

MALFORMED = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
"""What reading the value of a row raises where it is none of its column's."""

_Row = TypeVar("_Row")


def in_halves(
    read: Callable[[int, int], list[_Row]], first: int, last: int
) -> tuple[list[_Row], list[int]]:
    """What `read` finds between two numbers, both included, and the numbers where it cannot."""
    try:
        return read(first, last), []
    except (*MALFORMED, sa.exc.DBAPIError) as error:
        if isinstance(error, sa.exc.DBAPIError) and not _is_about_a_row(error):
            raise
    if first == last:
        return [], [first]
    middle = (first + last) // 2
    rows, unreadable = in_halves(read, first, middle)
    more, also_unreadable = in_halves(read, middle + 1, last)
    return rows + more, unreadable + also_unreadable


def _is_about_a_row(error: sa.exc.DBAPIError) -> bool:
    """Whether it is the value of a row that the driver cannot take, and not the database that is
    gone."""
    return isinstance(error, sa.exc.DataError) or "UTF-8" in str(error.orig)


def event_ids(within: sa.ColumnElement[bool]) -> sa.Select[int, int]:
    """Asks for the lowest and the highest event of leaves."""
    # Without the sum, PostgreSQL walks the whole log in the order of events to find the first and
    # the last that lies within.
    number = AuditLeaf.event_id + 0
    return sa.select(sa.func.min(number), sa.func.max(number)).where(within)


def hold(session: Session) -> str | None:
    """Let a session see the log as it is now until its transaction ends: a check takes a while, and
    the log grows.

    To be called before anything is read. Returns what `hold_the_same` wants; None on SQLite.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # It holds no locks, and waits for other processes meanwhile.
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        return str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
    # Without this, sqlite3 begins a transaction at the first write only.
    if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN")
    return None


def hold_the_same(session: Session, snapshot: str | None) -> None:
    """Let another session see what the first one does; on SQLite the log may have grown since."""
    if snapshot is None:
        hold(session)
        return
    connection = session.connection()
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
