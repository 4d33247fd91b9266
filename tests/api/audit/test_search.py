"""Events are found by every filter, and pages follow each other without gaps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.audit import search
from api.db.session import Database

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Sixty decisions, one each ten minutes, of two tenants and three actors."""
    with database.transaction() as session:
        for number in range(60):
            monkeypatch.setattr(
                events, "now", lambda number=number: START + timedelta(minutes=10 * number)
            )
            blocked = number % 4 == 0
            events.append(
                session,
                events.PromptModerated(
                    action="block" if blocked else "allow",
                    flagged=["fraud", "political"] if blocked else [],
                    rules=["r"] if blocked else [],
                    consents=[],
                    guards=[],
                    policy_version="1",
                    classifier_version="1",
                ),
                tenant="a" if number % 2 else "b",
                actor=f"key:{number % 3}",
                subject=f"mod_{number}",
            )
            if database.engine.dialect.name == "postgresql":
                _date(session, f"mod_{number}", START + timedelta(minutes=10 * number))
    return database


def _date(session: Session, subject: str, at: datetime) -> None:
    """Where it is the database's clock that dates events, and its triggers keep them so."""
    session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    session.execute(
        sa.text("UPDATE audit_event SET occurred_at = :at WHERE subject = :subject"),
        {"at": at, "subject": subject},
    )
    session.execute(sa.text("SET LOCAL session_replication_role = origin"))


def found(session: Session, tenant: str | None = None, **conditions: object) -> list[int]:
    """The numbers of the matching events, from all pages."""
    numbers: list[int] = []
    after = None
    while True:
        wanted = search.Filter(limit=7, after=after, **conditions)
        rows, more = search.page(session, wanted, tenant=tenant)
        numbers += [int((row.event.subject or "_-1").split("_")[1]) for row in rows]
        if not more:
            return numbers
        after = rows[-1].event.id


FILTERS: dict[str, tuple[dict[str, object], Callable[[int], bool]]] = {
    "everything": ({}, lambda n: n >= 0),
    "tenant": ({"tenant": "a"}, lambda n: n % 2 == 1),
    "actor": ({"actor": "key:2"}, lambda n: n % 3 == 2),
    "action": ({"action": "block"}, lambda n: n % 4 == 0),
    "category": ({"category": "political"}, lambda n: n % 4 == 0),
    "subject": ({"subject": "mod_7"}, lambda n: n == 7),
    "type": ({"type": "video.created"}, lambda n: n < 0),
    "since": ({"since": START + timedelta(minutes=95)}, lambda n: n >= 10),
    "until": ({"until": START + timedelta(minutes=100)}, lambda n: n < 10),
    "all together": (
        {
            "tenant": "b",
            "actor": "key:0",
            "action": "block",
            "category": "fraud",
            "type": "prompt.moderated",
            "since": START + timedelta(minutes=100),
            "until": START + timedelta(minutes=400),
        },
        lambda n: n % 12 == 0 and 10 <= n < 40,
    ),
}


@pytest.mark.parametrize(("conditions", "matches"), FILTERS.values(), ids=FILTERS)
def test_pages_hold_what_matches_newest_first(
    log: Database, conditions: dict[str, object], matches: Callable[[int], bool]
) -> None:
    with log.transaction() as session:
        expected = [number for number in reversed(range(60)) if matches(number)]
        assert found(session, **conditions) == expected
