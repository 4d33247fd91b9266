"""Database engine and sessions for SQLite (one host) and PostgreSQL (many)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import sqlalchemy as sa
from psycopg.pq import Format
from sqlalchemy.orm import Session, sessionmaker

# A frozen worker must not hold its row locks against the one that took its job over. Times come in
# UTC, which is what they are handed on as.
POSTGRESQL_OPTIONS = {"options": "-c idle_in_transaction_session_timeout=20000 -c timezone=UTC"}


def create_engine(url: str) -> sa.Engine:
    """An engine for ``url`` (``sqlite:///…`` or ``postgresql://…``).

    SQLite runs in WAL mode so that readers never wait for the writer, with ``synchronous=FULL``
    because the audit log must survive a power cut. Errors never show parameters: they may be
    prompts.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        driver = parsed.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(
            driver,
            pool_pre_ping=True,
            hide_parameters=True,
            json_deserializer=orjson.loads,
            connect_args=POSTGRESQL_OPTIONS,
        )
        sa.event.listen(engine, "before_cursor_execute", _ask_for_binary)
        return engine
    engine = sa.create_engine(parsed, hide_parameters=True, json_deserializer=orjson.loads)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _ask_for_binary(
    _connection: Any, cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: bool
) -> None:
    """Where the option ``binary`` is set: many rows are then read in half of the time."""
    if context.execution_options.get("binary"):
        cursor.format = Format.BINARY


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"  # writers queue for the lock instead of failing midway
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


class Database:
    """The application's database: one engine, short transactions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = create_engine(url)
        self._session = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back if it raises."""
        with self._session.begin() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that writes what depends on what it reads.

        SQLite locks no rows, so there nobody else writes from its beginning to its end; on
        PostgreSQL it has to lock the rows that it reads.
        """
        with self.transaction() as session:
            if self.engine.dialect.name == "sqlite":
                # By itself sqlite3 begins a transaction at the first write, after what was read.
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
