"""Finds events by what they are found by, page by page, along indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session, aliased

from api.audit import spans
from api.audit.reading import event_ids, in_halves
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal
from api.events import ACTION_LABEL, ACTOR_LABEL, CATEGORY_LABEL, PUBLIC, all_types
from api.texts import PlainText
from safety.decision import Action
from safety.taxonomy import TAXONOMY

_Query = sa.Select[AuditEvent, AuditLeaf, AuditPersonal]
_Number = sa.orm.InstrumentedAttribute[int]

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
        default=None, ge=1, le=2**63 - 1, description="last id of the page before"
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
    query, number = _matching(wanted, tenant)
    query = query.order_by(number.desc()).limit(wanted.limit + 1)
    if wanted.after is not None:
        query = query.where(number < wanted.after)
    for column in dict.fromkeys((AuditEvent.id, number)):  # either may be walked
        if wanted.since is not None:
            query = query.where(column >= spans.lowest(wanted.since))
        if wanted.until is not None:
            query = query.where(column <= spans.highest(wanted.until))
    rows = _read(session, query, number)
    return rows[: wanted.limit], len(rows) > wanted.limit


def find(session: Session, event_id: int, *, tenant: str | None = None) -> Row | None:
    """An event by its number: a tenant's, or a public one; anybody's if `tenant` is None."""
    query = _matching(Conditions(), None)[0].where(AuditEvent.id == event_id)
    if tenant is not None:
        query = query.where(AuditEvent.tenant.in_([tenant, PUBLIC]))
    found = session.execute(query).one_or_none()
    return Row(*found) if found else None


def placed(
    session: Session, wanted: Conditions, places: range, *, tenant: str | None = None
) -> list[Row | Unreadable]:
    """The matching events that have these places in the tree, in their order."""
    within = AuditLeaf.index.between(places.start, places.stop - 1)
    first, last = session.execute(event_ids(within)).one()
    # Every index that a condition may lead to ends with the id: it is read between these two only.
    query = _matching(wanted, tenant)[0].where(within, AuditEvent.id.between(first, last))
    return _read(session, query.order_by(AuditLeaf.index), AuditLeaf.index)


def _read(session: Session, query: _Query, order: _Number) -> list[Row | Unreadable]:
    """What a query finds. order: what it is ordered by, a number that no two rows share."""
    rows, failed = in_halves(lambda _first, _last: _rows(session, query), 0, 0)
    if not failed:
        return [*rows]
    ids = query.with_only_columns(order, AuditEvent.id, AuditLeaf.index, maintain_column_froms=True)
    found = {number: Unreadable(*event) for number, *event in session.execute(ids)}
    numbers = [*found]
    rows, _ = in_halves(
        lambda first, last: _rows(session, query.where(order.in_(numbers[first : last + 1]))),
        0,
        len(numbers) - 1,
    )
    readable = {row.event_id: row for row in rows}
    return [readable.get(each.event_id, each) for each in found.values()]


def _rows(session: Session, query: _Query) -> list[Row]:
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


def _matching(wanted: Conditions, tenant: str | None) -> tuple[_Query, _Number]:
    """Asks for matching events; and the column of their numbers in the table that is read first."""
    tenant = PUBLIC if wanted.public else tenant
    query = (
        sa.select(AuditEvent, AuditLeaf, AuditPersonal)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
    )
    columns = (
        # SQLite would read all of the tenant's rather than the few of the subject.
        (AuditEvent.tenant + "" if wanted.subject else AuditEvent.tenant, tenant),
        (AuditEvent.type, wanted.type),
        (AuditEvent.subject, wanted.subject),
    )
    for column, value in columns:
        if value is not None:
            query = query.where(column == value)
    number: _Number = AuditEvent.id
    labels = {
        ACTOR_LABEL: wanted.actor,
        CATEGORY_LABEL: wanted.category,
        ACTION_LABEL: wanted.action,
    }
    for prefix, value in labels.items():
        if value is not None:
            label = aliased(AuditLabel)
            query = query.join(label, label.event_id == AuditEvent.id)
            query = query.where(label.label == prefix + value)
            if tenant is not None:
                query = query.where(label.tenant == tenant)
            number = label.event_id if number is AuditEvent.id else number
    if wanted.since is not None:
        query = query.where(AuditEvent.occurred_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEvent.occurred_at < wanted.until)
    return query, number
