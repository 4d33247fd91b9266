"""Events that wait for their places, and rows among them that can have none.

One bad row must not stop the log: it is passed over, stays where it is, and a check names it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit.entry import LOGGED, Logged, entry_of
from api.audit.finding import Finding
from api.audit.reading import MALFORMED, in_halves
from api.db.models import AuditEvent, AuditLeaf, AuditPending

_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that can be logged, its time, and the bytes to log."""

    event_id: int
    at: datetime
    entry: bytes


def take(session: Session, count: int) -> list[Waiting]:
    """The first events that wait and can be logged, up to `count`, in the order of their ids."""
    ready: list[Waiting] = []
    for ids in _slices(session, count):
        ready += _sort(session, ids)[0]
        if len(ready) >= count:
            break
    return ready[:count]


def set_aside(session: Session) -> list[Finding]:
    """What waits in vain."""
    return [
        Finding(f"event {event_id} waits for a place but {what}", event_id=event_id)
        for ids in _slices(session, _AT_ONCE)
        for event_id, what in sorted(_sort(session, ids)[1].items())
    ]


def _slices(session: Session, count: int) -> Iterator[Sequence[int]]:
    """The ids of all that wait, in order, so many at once."""
    first = sa.select(AuditPending.event_id).order_by(AuditPending.event_id).limit(count)
    ids = session.scalars(first).all()
    while ids:
        yield ids
        if len(ids) < count:
            return
        ids = session.scalars(first.where(AuditPending.event_id > ids[-1])).all()


def _sort(session: Session, ids: Sequence[int]) -> tuple[list[Waiting], dict[int, str]]:
    """Those that can be logged, and what is wrong with the others, as the end of a sentence.

    An event that was committed after its successors may be among them though it is not in `ids`.
    """
    rows, unreadable = in_halves(partial(_read, session, ids), 0, len(ids) - 1)
    ready = []
    aside = dict.fromkeys(ids, "is not there")
    aside |= {ids[number]: "cannot be read" for number in unreadable}
    for event_id, place, *event in rows:
        if place is not None:
            aside[event_id] = "has one"
            continue
        if event[0] is None:
            continue
        try:
            logged = Logged.of(event)
            ready.append(Waiting(event_id, logged.occurred_at, entry_of(logged)))
            aside.pop(event_id, None)
        except MALFORMED as error:
            aside[event_id] = f"cannot be logged: {error}"
    return ready, aside


def _read(session: Session, ids: Sequence[int], first: int, last: int) -> list[Sequence[Any]]:
    """The events that wait from one of these ids to another, with places that they should not have
    and their columns."""
    query = (
        sa.select(AuditPending.event_id, AuditLeaf.index, *LOGGED)
        .outerjoin(AuditEvent, AuditEvent.id == AuditPending.event_id)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditPending.event_id)
        .where(AuditPending.event_id.between(ids[first], ids[last]))
        .order_by(AuditPending.event_id)
    )
    return [*session.connection().execute(query).all()]
