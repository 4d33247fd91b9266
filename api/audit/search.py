"""Finds events by what they are found by, page by page.

However few match among however many: what is asked for are neighbours in one index, that has all
of it and ends with the event's number. So a page reads no more rows than it shows, but for those of
a subject, which are few, and those whose numbers do not tell their time (`spans`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from api.audit import spans
from api.audit.reading import event_ids, in_halves
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal
from api.event_labels import label_of
from api.events import PUBLIC, all_types
from api.texts import PlainText
from safety.decision import Action
from safety.taxonomy import TAXONOMY

_Column = sa.orm.InstrumentedAttribute[Any]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_EVENTS = (
    sa.select(AuditEvent, AuditLeaf, AuditPersonal)
    .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
    .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
)
_FEWEST_ROWS = sa.text(
    "SELECT set_config('seq_page_cost', '0', true), set_config('random_page_cost', '0', true), "
    "set_config('cpu_tuple_cost', '1', true)"
)
# Looked up for each label that is walked along: a join may be walked the other way.
_time_of_labelled = (
    sa.select(AuditEvent.occurred_at)
    .where(AuditEvent.id == AuditLabel.event_id)
    .correlate(AuditLabel)
    .scalar_subquery()
)
_YEARS = range(1970, 9999)  # in every zone still a date


class Conditions(BaseModel):
    """Which events are wanted; what is None does not matter."""

    model_config = ConfigDict(extra="forbid")

    type: PlainText | None = Field(default=None, max_length=64)
    subject: PlainText | None = Field(
        default=None, max_length=64, description="video, key, consent, moderation"
    )
    actor: PlainText | None = Field(
        default=None, max_length=128, description="such as key:ID or cli"
    )
    action: Action | None = Field(default=None, description="allow, review or block")
    category: PlainText | None = Field(default=None, max_length=32, description="of moderation")
    since: datetime | None = Field(default=None, description="UTC if it names no zone")
    until: datetime | None = Field(default=None, description="likewise; not included")
    public: bool = Field(
        default=False,
        description="instead of the tenant's: verifications and checks of the log",
    )

    @field_validator("type")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        known = sorted(kind.type for kind in all_types())
        if name is not None and name not in known:
            raise ValueError(f"there is no such type of event; there are {', '.join(known)}")
        return name

    @field_validator("category")
    @classmethod
    def _in_the_taxonomy(cls, name: str | None) -> str | None:
        if name is not None and name not in TAXONOMY:
            raise ValueError(f"there is no such category; there are {', '.join(sorted(TAXONOMY))}")
        return name

    @field_validator("since", "until")
    @classmethod
    def _in_a_zone(cls, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        if moment.year not in _YEARS:
            raise ValueError(f"must lie in the years {_YEARS.start} to {_YEARS.stop - 1}")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class Filter(Conditions):
    """Conditions, and which page of what meets them."""

    after: int | None = Field(
        default=None, ge=1, le=_HIGHEST, description="last id of the page before"
    )
    limit: int = Field(default=50, ge=1, le=500)


@dataclass(frozen=True, slots=True)
class Row:
    """An event, its leaf in the tree if it has one, and what was not erased about it."""

    event: AuditEvent
    leaf: AuditLeaf | None
    personal: AuditPersonal | None

    @property
    def event_id(self) -> int:
        """The event's number."""
        return self.event.id

    @property
    def place(self) -> int | None:
        """In the tree, from 0; None while it waits for one."""
        return self.leaf.index if self.leaf else None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A matching event that somebody has tampered with until it cannot be read; a check says more.
    place: as in `Row`."""

    event_id: int
    place: int | None


def page(
    session: Session, wanted: Filter, *, tenant: str | None = None
) -> tuple[Sequence[Row | Unreadable], bool]:
    """The newest matching events, and whether more follow; of all tenants if `tenant` is None."""
    tenant = PUBLIC if wanted.public else tenant
    first = spans.lowest(session, wanted.since) if wanted.since else _LOWEST
    last = spans.highest(session, wanted.until) if wanted.until else _HIGHEST
    if first is None or last is None:
        return [], False
    if wanted.after is not None:
        last = min(last, wanted.after - 1)
    _want_fewest_rows(session)
    newest = _along_an_index(wanted, tenant, first, last).limit(wanted.limit + 1)
    numbers = session.scalars(newest).all()
    return _fetch(session, numbers[: wanted.limit]), len(numbers) > wanted.limit


def find(session: Session, event_id: int, *, tenant: str | None = None) -> Row | None:
    """An event by its number: a tenant's, or a public one; anybody's if `tenant` is None."""
    query = _EVENTS.where(AuditEvent.id == event_id)
    if tenant is not None:
        query = query.where(AuditEvent.tenant.in_([tenant, PUBLIC]))
    found = session.execute(query).one_or_none()
    return Row(*found) if found else None


def placed(
    session: Session, wanted: Conditions, places: range, *, tenant: str | None = None
) -> list[Row | Unreadable]:
    """The matching events that have these places in the tree, in their order."""
    tenant = PUBLIC if wanted.public else tenant
    within = AuditLeaf.index.between(places.start, places.stop - 1)
    first, last = session.execute(event_ids(within)).one()
    # Every index that a condition may lead to ends with the id: it is read between these two only.
    query = (
        sa.select(AuditEvent.id)
        .join(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .where(within, AuditEvent.id.between(first, last), *_during(wanted, AuditEvent.occurred_at))
        .order_by(AuditLeaf.index)
    )
    asked = (
        (AuditEvent.tenant, tenant),
        (AuditEvent.type, wanted.type),
        (AuditEvent.subject, wanted.subject),
    )
    query = query.where(*(column == value for column, value in asked if value is not None))
    if label := _label(wanted):
        query = query.join(AuditLabel, AuditLabel.event_id == AuditEvent.id)
        query = query.where(AuditLabel.label == label)
    return _fetch(session, session.scalars(query).all())


def _along_an_index(
    wanted: Conditions, tenant: str | None, first: int, last: int
) -> sa.Select[int]:
    """Asks for the numbers of matching events between two numbers, both included, newest first."""
    label = _label(wanted)
    of_event: list[tuple[_Column, str | None]]
    of_event = [(AuditEvent.tenant, tenant), (AuditEvent.type, wanted.type)]
    number: _Column = AuditEvent.id
    if wanted.subject is not None:  # which a few events are about
        asked: list[tuple[_Column, str | None]] = [(AuditEvent.subject, wanted.subject)]
        others = _during(wanted, AuditEvent.occurred_at)
        # With nothing added, SQLite would take the index of the column.
        others += [column + "" == value for column, value in of_event if value is not None]
        if label:
            found_by = (AuditLabel.event_id == AuditEvent.id) & (AuditLabel.label == label)
            others.append(sa.exists().where(found_by))
    elif label:
        number, time = AuditLabel.event_id, _time_of_labelled
        asked = [(AuditLabel.tenant, tenant), (AuditLabel.label, label)]
        asked.append((AuditLabel.type, wanted.type))
        others = _during(wanted, time) or [time.is_not(None)]
    else:
        asked, others = of_event, _during(wanted, AuditEvent.occurred_at)
    return (
        sa.select(number)
        .where(
            *(column == value for column, value in asked if value is not None),
            number.between(first, last),
            *others,
        )
        .order_by(number.desc())
    )


def _want_fewest_rows(session: Session) -> None:
    """Let PostgreSQL choose indexes by how many rows it would read, whatever it takes pages to
    cost: reading all of the newest events instead is cheap only while enough of them match."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_FEWEST_ROWS)


def _label(wanted: Conditions) -> str:
    return label_of(actor=wanted.actor, action=wanted.action, category=wanted.category)


def _during(wanted: Conditions, time: sa.SQLColumnExpression[Any]) -> list[sa.ColumnElement[bool]]:
    """That a time is one of those that are wanted."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(time >= wanted.since)
    if wanted.until is not None:
        conditions.append(time < wanted.until)
    return conditions


def _fetch(session: Session, numbers: Sequence[int]) -> list[Row | Unreadable]:
    """Events by their numbers, in that order."""

    def read(first: int, last: int) -> list[Row]:
        return _rows(session, _EVENTS.where(AuditEvent.id.in_(numbers[first : last + 1])))

    if not numbers:
        return []
    rows, failed = in_halves(read, 0, len(numbers) - 1)
    unreadable = [numbers[each] for each in failed]
    leaves = sa.select(AuditLeaf.event_id, AuditLeaf.index.label("place"))
    leaves = leaves.where(AuditLeaf.event_id.in_(unreadable))
    places = {leaf.event_id: leaf.place for leaf in session.execute(leaves)} if failed else {}
    found: dict[int, Row | Unreadable] = {row.event_id: row for row in rows}
    found |= {each: Unreadable(each, places.get(each)) for each in unreadable}
    return [found[each] for each in numbers if each in found]


def _rows(session: Session, query: sa.Select[AuditEvent, AuditLeaf, AuditPersonal]) -> list[Row]:
    """Raises what `reading.in_halves` expects of rows that hold what their columns cannot."""
    rows = [Row(*found) for found in session.execute(query)]
    for row in rows:
        event, content = row.event, row.personal.content if row.personal else {"actor": ""}
        fits = (
            isinstance(event.type, str)
            and isinstance(event.version, int)
            and isinstance(event.tenant, str)
            and isinstance(event.subject, str | None)
            and isinstance(event.data, dict)
            and isinstance(content, dict)
            and isinstance(content["actor"], str)
        )
        if not fits:
            raise TypeError("SQLite stores anything in any column")
    return rows
