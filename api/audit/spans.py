"""Which event numbers may have a time, so that a page of long ago is found without all since.

Numbers and times mostly grow together, but nothing makes them: clocks are set, and whoever may add
an event may give it any time. So the earliest and the latest time of every 1,024 neighbouring
numbers are written down. An event with a false time widens its own span, and hides no other.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.audit.finding import Finding
from api.db.models import AuditEvent, AuditLeaf, AuditPending, AuditSpan, ComparedTime

_WIDTH = 1024  # event numbers in a span, a power of two
_WIDEN = sa.text(
    """INSERT INTO audit_span (first, earliest, latest) VALUES (:first, :earliest, :latest)
    ON CONFLICT (first) DO UPDATE SET
    earliest = CASE WHEN excluded.earliest < audit_span.earliest
        THEN excluded.earliest ELSE audit_span.earliest END,
    latest = CASE WHEN excluded.latest > audit_span.latest
        THEN excluded.latest ELSE audit_span.latest END"""
).bindparams(
    sa.bindparam("earliest", type_=ComparedTime()), sa.bindparam("latest", type_=ComparedTime())
)
_WAITING = aliased(AuditEvent)
# Looked up for each that waits: SQLite would read all events of the time instead.
_waiting_time = (
    sa.select(_WAITING.occurred_at)
    .where(_WAITING.id == AuditPending.event_id)
    .correlate(AuditPending)
    .scalar_subquery()
)


def widen(session: Session, times: Iterable[tuple[int, datetime]]) -> None:
    """Write down the times of events, by their numbers, that wait no longer."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for event_id, at in times:
        first = event_id & -_WIDTH
        earliest, latest = spans.get(first, (at, at))
        spans[first] = min(earliest, at), max(latest, at)
    rows = [
        {"first": first, "earliest": earliest, "latest": latest}
        for first, (earliest, latest) in spans.items()
    ]
    if rows:
        session.connection().execute(_WIDEN, rows)


def lowest(session: Session, since: datetime) -> int | None:
    """A number that no event of `since` or later is below; None if there is none."""
    ids = sa.union_all(
        sa.select(AuditSpan.first.label("id")).where(AuditSpan.latest >= since),
        sa.select(AuditPending.event_id).where(_waiting_time >= since),
    ).subquery()
    found: int | None = session.scalar(sa.select(sa.func.min(ids.c.id)))
    return found


def highest(session: Session, until: datetime) -> int | None:
    """A number that no event before `until` is above; None if there is none."""
    ids = sa.union_all(
        sa.select((AuditSpan.first + (_WIDTH - 1)).label("id")).where(AuditSpan.earliest < until),
        sa.select(AuditPending.event_id).where(_waiting_time < until),
    ).subquery()
    found: int | None = session.scalar(sa.select(sa.func.max(ids.c.id)))
    return found


def check(session: Session) -> Iterator[Finding]:
    """Entries that lie outside of what is written down, so that no page of their time shows them.

    Times are compared in the database, which has some that Python has not."""
    span = AuditEvent.id.bitwise_and(-_WIDTH)
    covers = AuditEvent.occurred_at.between(AuditSpan.earliest, AuditSpan.latest)
    hidden = session.execute(
        sa.select(span, sa.func.min(AuditLeaf.index), sa.func.count())
        .join(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .outerjoin(AuditSpan, AuditSpan.first == span)
        .where(sa.not_(sa.func.coalesce(covers, sa.false())))
        .group_by(span)
        .order_by(span)
    )
    for first, place, count in hidden:
        events = f"events {first} to {first + _WIDTH - 1}"
        yield Finding(f"{count} of the {events} would not be found by their time", place)
