"""Puts many rows into a table at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa


def insert(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Rows with a value for each of the table's columns, in their order, and of types that the
    driver takes as they are."""
    names = [column.name for column in table.columns]
    if connection.dialect.name != "postgresql":
        connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    # A fraction of the time of INSERT, which goes into writing and parsing statements.
    columns = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
