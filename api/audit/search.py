"""Finds events by their columns, page by page; every page is one walk along an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.db.models import AuditEvent, AuditLeaf, AuditPersonal


class Filter(BaseModel):
    """Which events are wanted; what is None does not matter."""

    model_config = ConfigDict(extra="forbid")

    type: str | None = Field(default=None, max_length=64)
    subject: str | None = Field(default=None, max_length=64, description="video, key, moderation")
    since: datetime | None = None
    until: datetime | None = Field(default=None, description="not included")
    after: int | None = Field(default=None, ge=1, description="last id of the page before")
    limit: int = Field(default=50, ge=1, le=500)


@dataclass(frozen=True, slots=True)
class Row:
    """An event, its place in the tree if it has one, and what was not erased about it."""

    event: AuditEvent
    place: int | None
    personal: dict[str, Any] | None


def page(
    session: Session, wanted: Filter, *, tenant: str | None = None
) -> tuple[Sequence[Row], bool]:
    """The newest matching events, and whether more follow; of all tenants if `tenant` is None."""
    query = (
        sa.select(AuditEvent, AuditLeaf.index, AuditPersonal.content)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
        .order_by(AuditEvent.id.desc())
        .limit(wanted.limit + 1)
    )
    conditions = {
        AuditEvent.tenant: tenant,
        AuditEvent.type: wanted.type,
        AuditEvent.subject: wanted.subject,
    }
    for column, value in conditions.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(AuditEvent.occurred_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEvent.occurred_at < wanted.until)
    if wanted.after is not None:
        query = query.where(AuditEvent.id < wanted.after)
    rows = [Row(event, place, content) for event, place, content in session.execute(query)]
    return rows[: wanted.limit], len(rows) > wanted.limit
