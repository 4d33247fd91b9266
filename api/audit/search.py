"""Finds events by what they are found by, page by page, along indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session, aliased

from api.audit.reading import event_ids
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal
from api.events import ACTION_LABEL, ACTOR_LABEL, CATEGORY_LABEL, PUBLIC, all_types
from api.texts import PlainText
from safety.decision import Action
from safety.taxonomy import TAXONOMY

_Query = sa.Select[AuditEvent, AuditLeaf, AuditPersonal]

_CLOCK_STEP = timedelta(minutes=5)
"""Of two events further apart in time than this, the later has the larger id, because both are of
one clock, the database's; this is how far that may be set back."""
_YEARS = range(1970, 9999)  # in every zone, and five minutes to either side, still a date


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
    def place(self) -> int | None:
        """In the tree, from 0; None while it waits for one."""
        return self.leaf.index if self.leaf else None


def page(
    session: Session, wanted: Filter, *, tenant: str | None = None
) -> tuple[Sequence[Row], bool]:
    """The newest matching events, and whether more follow; of all tenants if `tenant` is None."""
    query = _matching(wanted, tenant).order_by(AuditEvent.id.desc()).limit(wanted.limit + 1)
    if wanted.after is not None:
        query = query.where(AuditEvent.id < wanted.after)
    rows = [Row(*found) for found in session.execute(query)]
    return rows[: wanted.limit], len(rows) > wanted.limit


def find(session: Session, event_id: int, *, tenant: str | None = None) -> Row | None:
    """An event by its number: a tenant's, or a public one; anybody's if `tenant` is None."""
    query = _matching(Conditions(), None).where(AuditEvent.id == event_id)
    if tenant is not None:
        query = query.where(AuditEvent.tenant.in_([tenant, PUBLIC]))
    found = session.execute(query).one_or_none()
    return Row(*found) if found else None


def placed(
    session: Session, wanted: Conditions, places: range, *, tenant: str | None = None
) -> list[Row]:
    """The matching events that have these places in the tree, in their order."""
    within = AuditLeaf.index.between(places.start, places.stop - 1)
    first, last = session.execute(event_ids(within)).one()
    # Every index that a condition may lead to ends with the id: it is read between these two only.
    query = _matching(wanted, tenant).where(within, AuditEvent.id.between(first, last))
    return [Row(*found) for found in session.execute(query.order_by(AuditLeaf.index))]


def _matching(wanted: Conditions, tenant: str | None) -> _Query:
    tenant = PUBLIC if wanted.public else tenant
    query = (
        sa.select(AuditEvent, AuditLeaf, AuditPersonal)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
    )
    columns = {
        AuditEvent.tenant: tenant,
        AuditEvent.type: wanted.type,
        AuditEvent.subject: wanted.subject,
    }
    for column, value in columns.items():
        if value is not None:
            query = query.where(column == value)
    labels = {
        ACTOR_LABEL: wanted.actor,
        ACTION_LABEL: wanted.action,
        CATEGORY_LABEL: wanted.category,
    }
    for prefix, value in labels.items():
        if value is not None:
            label = aliased(AuditLabel)
            query = query.join(label, label.event_id == AuditEvent.id)
            query = query.where(label.label == prefix + value)
            if tenant is not None:
                query = query.where(label.tenant == tenant)
    return _within(query, wanted.since, wanted.until)


def _within(
    query: _Query,
    since: datetime | None,
    until: datetime | None,
) -> _Query:
    """Limit the time, and the ids with it, so that a page of long ago is not searched for from the
    newest event on."""
    at = aliased(AuditEvent)
    if since is not None:
        before = (
            sa.select(at.id)
            .where(at.occurred_at < since - _CLOCK_STEP)
            .order_by(at.occurred_at.desc(), at.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(
            AuditEvent.occurred_at >= since, AuditEvent.id > sa.func.coalesce(before, 0)
        )
    if until is not None:
        behind = (
            sa.select(at.id)
            .where(at.occurred_at >= until + _CLOCK_STEP)
            .order_by(at.occurred_at, at.id)
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(
            AuditEvent.occurred_at < until, AuditEvent.id < sa.func.coalesce(behind, 2**63 - 1)
        )
    return query
