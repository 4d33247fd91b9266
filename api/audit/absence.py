"""Which personal parts may be missing: those that a later event says were erased, and no others.

`erasure` removes by the same rules, and so does PostgreSQL from a role that only serves (migration
0007).
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.db.models import AuditEvent, AuditLeaf, AuditPending

TYPED = (events.PromptModerated.type, events.ReviewAppealed.type, events.VideoFailed.type)
"""Events whose personal part holds, or may quote, what a video's caller typed."""

_ERASED, _DELETED = events.SubjectErased.type, events.VideoDeleted.type
_FIRST_THAT_ERASES = 2
"""Version of `video.deleted`; before, it left what was logged as it was."""


def waits(session: Session) -> bool:
    """Whether something may have been erased that the log does not say yet."""
    erasures = (
        sa.select(AuditEvent.id)
        .join(AuditPending, AuditPending.event_id == AuditEvent.id)
        .where(AuditEvent.type.in_([_ERASED, _DELETED]))
    )
    return bool(session.scalar(sa.select(erasures.exists())))


class Erasures:
    """What the log says was erased about some subjects. An erasure that only waits for its place
    says nothing yet: it is under no signed head."""

    def __init__(self, session: Session, subjects: Collection[str]) -> None:
        query = (
            sa.select(AuditEvent.type, AuditEvent.subject, sa.func.max(AuditEvent.id))
            .join(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
            .where(
                AuditEvent.subject.in_(subjects),
                sa.or_(
                    AuditEvent.type == _ERASED,
                    sa.and_(AuditEvent.type == _DELETED, AuditEvent.version >= _FIRST_THAT_ERASES),
                ),
            )
            .group_by(AuditEvent.type, AuditEvent.subject)
        )
        found = session.execute(query) if subjects else ()
        self._last = {(kind, subject): event_id for kind, subject, event_id in found}

    def taken_by(self, event_id: int, kind: str, subject: str | None) -> int | None:
        """The event that took the personal part of this one, of type `kind`; None if none did."""
        erased = 0 if kind == _ERASED else self._last.get((_ERASED, subject), 0)
        deleted = self._last.get((_DELETED, subject), 0) if kind in TYPED else 0
        return min((each for each in (erased, deleted) if each > event_id), default=None)

    def explain(self, event_id: int, kind: str, subject: str | None) -> bool:
        """Whether one of them took the personal part of this event, of type `kind`."""
        return self.taken_by(event_id, kind, subject) is not None
