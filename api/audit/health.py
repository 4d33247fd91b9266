"""How the log itself is doing: its head, what waits, when it was last checked, what it records."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit import spans, tree
from api.clock import now
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPending
from api.event_labels import label_of
from api.events import ACTIONS, LogChecked

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class LogHealth:
    """size: entries under the newest signed head. waiting: events without a place. checked: the
    newest report of a check of the whole log that is in it."""

    size: int
    signed_at: datetime | None
    waiting: int
    checked: AuditEvent | None


@dataclass(frozen=True, slots=True)
class Hour:
    """What was decided from `begins` on: counts by action."""

    begins: datetime
    counts: dict[str, int] = field(default_factory=dict)


def read(session: Session) -> LogHealth:
    """The log's state now."""
    head = tree.newest_checkpoint(session)
    checked = session.scalar(
        sa.select(AuditEvent)
        .join(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .where(AuditEvent.type == LogChecked.type)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return LogHealth(
        size=head.size if head else 0,
        signed_at=head.created_at if head else None,
        waiting=session.scalar(sa.select(sa.func.count()).select_from(AuditPending)) or 0,
        checked=checked,
    )


def decisions_per_hour(session: Session, tenant: str, since: datetime) -> Sequence[Hour]:
    """A tenant's decisions by hour and action, from the hour of `since` to now, in order and
    without gaps."""
    first = int(since.timestamp()) // _HOUR
    last = int(now().timestamp()) // _HOUR
    hours = {
        number: Hour(datetime.fromtimestamp(number * _HOUR, UTC))
        for number in range(first, last + 1)
    }
    begins = hours[first].begins
    lowest = spans.lowest(session, begins)
    seconds = sa.cast(sa.extract("epoch", AuditEvent.occurred_at), sa.BigInteger)
    for action in ACTIONS if lowest is not None else ():
        number = (seconds // _HOUR).label("number")
        counted = session.execute(
            sa.select(number, sa.func.count())
            .join(AuditLabel, AuditLabel.event_id == AuditEvent.id)
            .where(
                AuditLabel.label == label_of(action=action),
                AuditLabel.tenant == tenant,
                AuditLabel.event_id >= lowest,
                AuditEvent.occurred_at >= begins,
            )
            .group_by(number)
        )
        for which, count in counted:
            if which in hours:
                hours[which].counts[action] = count
    return list(hours.values())
