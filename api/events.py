"""The audit log: every decision and change is one typed event, written with the change itself.

Prompts and user names never enter an event; a prompt appears as its SHA-256.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.clock import now
from api.db.models import AuditEvent


class EventType(StrEnum):
    """What happened."""

    PROMPT_MODERATED = "prompt.moderated"
    VIDEO_CREATED = "video.created"
    VIDEO_HELD = "video.held"
    REVIEW_APPROVED = "review.approved"
    REVIEW_REJECTED = "review.rejected"
    VIDEO_STARTED = "video.started"
    VIDEO_RENDERED = "video.rendered"
    VIDEO_SEALED = "video.sealed"
    VIDEO_RELEASED = "video.released"
    VIDEO_FAILED = "video.failed"
    VIDEO_CANCELLED = "video.cancelled"
    VIDEO_DOWNLOADED = "video.downloaded"
    VIDEO_DELETED = "video.deleted"
    FILE_VERIFIED = "file.verified"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"


def append(
    session: Session,
    event: EventType,
    *,
    tenant: str,
    actor: str,
    subject: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Add one event to the caller's transaction; it commits or vanishes with the change."""
    session.add(
        AuditEvent(
            occurred_at=now(),
            type=event,
            tenant=tenant,
            actor=actor,
            subject=subject,
            data=data or {},
        )
    )


def digest(text: str) -> str:
    """SHA-256 of a text as hex; lone surrogates are kept apart instead of failing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def latest(session: Session, *, subject: str | None, limit: int) -> Sequence[AuditEvent]:
    """The newest events first, of one video or key if ``subject`` is given."""
    query = sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEvent.subject == subject)
    return session.scalars(query).all()
