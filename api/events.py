"""The audit log: every decision and change is one typed event, written with the change itself.

Prompts and user names never enter an event; a prompt appears as its SHA-256.
"""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

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


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


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
