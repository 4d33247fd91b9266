"""Events are found by every filter, and pages follow each other without gaps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.audit import export, health, search, spans
from api.audit.export import Format
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.session import Database
from tests.api.audit.tampering import assert_named, findings, tamper
from tests.api.audit.test_log import SIGNER, inspect

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Sixty decisions, one each ten minutes, of two tenants and three actors."""
    fill(database, monkeypatch, {})
    return database


def fill(
    database: Database, monkeypatch: pytest.MonkeyPatch, false_times: dict[int, datetime]
) -> None:
    """Add them; some of them with another time."""
    with database.transaction() as session:
        for number in range(60):
            at = false_times.get(number, START + timedelta(minutes=10 * number))
            monkeypatch.setattr(events, "now", lambda at=at: at)
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
                _date(session, f"mod_{number}", at)


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


@pytest.mark.parametrize("placed", ["by the sequencer", "before spans were kept", "not yet"])
def test_an_event_with_a_false_time_hides_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch, placed: str
) -> None:
    monkeypatch.setattr(spans, "_WIDTH", 1024 if placed == "before spans were kept" else 4)
    fill(database, monkeypatch, {5: START + timedelta(days=365), 50: START - timedelta(days=1)})
    if placed != "not yet":
        sequence_all(database, SIGNER)
    if placed == "before spans were kept":
        schema.downgrade(database, "0010")
        schema.upgrade(database)
    until, since = {"until": START + timedelta(minutes=300)}, {"since": START}
    before = [50, *(number for number in reversed(range(30)) if number != 5)]
    later = [number for number in reversed(range(60)) if number != 50]
    with database.transaction() as session:
        assert found(session, **until) == before
        assert found(session, **since) == later
        assert found(session, action="block", **until) == [n for n in before if n % 4 == 0]
        assert found(session, action="block", **since) == [n for n in later if n % 4 == 0]
    if placed != "not yet":
        wanted = search.Conditions(**until)
        lines = list(export.export(database, wanted, Format.CSV, SIGNER.verifier_key))
        assert len(lines) == 1 + len(before)
        assert inspect(database).intact


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_span WHERE first = 12",
        "UPDATE audit_span SET earliest = latest WHERE first = 12",
        "UPDATE audit_span SET latest = earliest WHERE first = 12",
    ],
)
def test_events_that_are_not_found_by_their_time_are_named(
    log: Database, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(spans, "_WIDTH", 4)
    sequence_all(log, SIGNER)
    tamper(log, statement)
    assert_named(findings(log), "of the events 12 to 15 would not be found by their time")


def test_decisions_are_counted_by_hour(log: Database) -> None:
    with log.transaction() as session:
        hours = health.decisions_per_hour(session, "b", START)
        first, second = [each.counts for each in hours[:2]]
        assert first == {"allow": 1, "block": 2}
        assert second == {"allow": 2, "block": 1}
        nobody = health.decisions_per_hour(session, "nobody", START)
        assert not any(each.counts for each in nobody)


def test_where_nothing_was_decided_nothing_is_counted(database: Database) -> None:
    with database.transaction() as session:
        assert not any(each.counts for each in health.decisions_per_hour(session, "a", START))
