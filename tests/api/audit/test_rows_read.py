"""A page reads little of the log, whatever it is asked for and however few events match."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit import search, spans
from api.audit.sequencer import sequence_all
from api.db.session import Database
from tests.api.audit.test_log import SIGNER
from tests.benchmarks.audit_log import fill, filters

EVENTS = 4000
MOST = {"sqlite": 8000, "postgresql": 500}
"""Steps of SQLite's machine, of which every row takes several; rows, where PostgreSQL counts."""


def test_whatever_is_asked_for_is_found_without_reading_what_is_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "_WIDTH", 16)
    fill(database, EVENTS)
    sequence_all(database, SIGNER)
    dialect = database.engine.dialect.name
    with database.transaction() as session:
        count = steps if dialect == "sqlite" else rows
        read = {
            name: count(session, partial(search.page, session, wanted, tenant="default"))
            for name, wanted in filters(EVENTS)
        }
    assert {name: much for name, much in read.items() if much > MOST[dialect]} == {}


def steps(session: Session, work: Callable[[], object]) -> int:
    """How many steps SQLite takes, in hundreds."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 100
        return 0

    driver: Any = session.connection().connection.driver_connection
    driver.set_progress_handler(count, 100)
    work()
    driver.set_progress_handler(None, 0)
    return taken


def rows(session: Session, work: Callable[[], object]) -> int:
    """How many rows PostgreSQL reads to answer the queries that find something out."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, query: str, values: object, *_: object) -> None:
        asked.append((query, values))

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    work()
    sa.event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) "
    plans = [
        session.connection().exec_driver_sql(explain + query, values).scalar_one()
        for query, values in asked
        if "audit_span" not in query  # a row for each 16 events here, for each 1,024 in service
    ]
    return sum(rows_of(plan[0]["Plan"]) for plan in plans)


def rows_of(plan: dict[str, Any]) -> int:
    """Rows that a plan read from tables, those included that it threw away."""
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    here = sum(plan.get(kind, 0) for kind in kinds) if "Relation Name" in plan else 0
    return here * plan["Actual Loops"] + sum(map(rows_of, plan.get("Plans", ())))
