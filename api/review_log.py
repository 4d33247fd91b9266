"""What the log says about cases: who asked for the video, and what moderators decided, and why."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.db.models import AuditEvent, AuditPersonal

_ORDERS = (events.VideoCreated.type, events.VideoHeld.type, events.VideoRefused.type)
_DECISIONS = (events.ReviewApproved.type, events.ReviewRejected.type)


@dataclass(frozen=True, slots=True)
class ReviewAct:
    """approved: or rejected. final: false for the first of two approvals. by, reason: None once
    they were erased."""

    approved: bool
    final: bool
    at: datetime
    by: str | None
    reason: str | None


def decisions(session: Session, video_ids: Collection[str]) -> dict[str, list[ReviewAct]]:
    """Every decision about each of the videos, the earliest first: about its prompt, and about its
    frames."""
    query = (
        sa.select(AuditEvent, AuditPersonal.content)
        .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
        .where(AuditEvent.subject.in_(video_ids), AuditEvent.type.in_(_DECISIONS))
        .order_by(AuditEvent.id)
    )
    found: dict[str, list[ReviewAct]] = defaultdict(list)
    for event, content in session.execute(query):
        personal = content or {}
        act = ReviewAct(
            approved=event.type == events.ReviewApproved.type,
            final=event.data.get("final", True),
            at=event.occurred_at,
            by=personal.get("actor"),
            reason=personal.get("reason"),
        )
        found[event.subject].append(act)
    return found


def has_ordered(session: Session, video_id: str, actor: str) -> bool:
    """Whether it was `actor` who asked for the video; nobody any more once that was erased."""
    query = (
        sa.select(AuditPersonal.content)
        .join(AuditEvent, AuditEvent.id == AuditPersonal.event_id)
        .where(AuditEvent.subject == video_id, AuditEvent.type.in_(_ORDERS))
    )
    return any(content["actor"] == actor for content in session.scalars(query))
