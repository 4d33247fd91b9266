"""Erases what is personal about a video, a moderation, a key or a consent; every proof still
holds."""

import contextlib
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api import event_labels, events
from api.audit.absence import TYPED
from api.clock import now
from api.db import cases, fingerprints, videos
from api.db.models import ApiKey, AuditEvent, AuditLabel, AuditPersonal, Consent, Review, Video
from api.db.session import Database
from api.states import State
from safety.frames import MEASURES

_HOLDERS = ("audit_personal", "audit_label", "review", "video", "fingerprint", "api_key", "consent")
"""The tables that something can be erased from."""
_FORGOTTEN = {
    "categories": {},
    "guards": [],
    "unreleased_likeness": 0.0,
    "consents": [],
    "consents_to_check": [],
}
"""Of a moderation: what a guess of the prompt could be compared with."""


class NothingToEraseError(LookupError):
    """No event is about this subject."""


class NotScrubbedError(RuntimeError):
    """The database's files could not be rewritten."""


def erase(session: Session, subject: str, *, actor: str) -> int:
    """Erase everything personal about `subject`, and log that it was done; a video that is not
    finished is cancelled, a consent revoked.

    subject: the id of a video, a moderation, a key or a consent. Returns how many events were
    stripped; who erased it before stays known. Raises NothingToEraseError for a subject that the
    log does not know.
    """
    video = session.get(Video, subject, with_for_update=True)
    consent = session.get(Consent, subject, with_for_update=True)
    about = sa.select(AuditEvent.id, AuditEvent.tenant, AuditEvent.type).where(
        AuditEvent.subject == subject
    )
    about = about.order_by(AuditEvent.id)  # whose the subject is, its first event says
    rows = session.execute(about).all()
    if not rows:
        raise NothingToEraseError(f"the log knows nothing about {subject}")
    erased = events.SubjectErased
    removed = _strip(session, [row.id for row in rows if row.type != erased.type])
    if video is not None:
        _erase_video(session, video, actor)
    if consent is not None:
        _erase_consent(session, consent, actor)
    session.execute(sa.update(ApiKey).where(ApiKey.id == subject).values(name=""))
    event, tenant = erased(entries=removed), rows[0].tenant
    events.append(session, event, tenant=tenant, actor=actor, subject=subject)
    return removed


def erase_typed(session: Session, video: Video) -> None:
    """Erase what a video's caller typed, prompts and appeal, and whatever a guess of these could
    be compared with, the looks of the pictures too: the same seed makes them again. Who acted stays
    known. The video is locked, and its deletion is logged: only then may a role that only serves
    do so."""
    typed = sa.select(AuditEvent.id).where(
        AuditEvent.subject == video.id, AuditEvent.type.in_(TYPED)
    )
    _strip(session, session.scalars(typed).all())
    video.prompt = video.negative_prompt = None
    video.request_sha256 = ""
    video.moderation = video.moderation | _FORGOTTEN
    if "findings" in video.moderation:
        unmeasured = [
            {name: value for name, value in found.items() if name not in MEASURES}
            for found in video.moderation["findings"]
        ]
        video.moderation = video.moderation | {"findings": unmeasured}
    fingerprints.erase(session, video.id)
    cases.withdraw(session, video.id)
    session.execute(sa.update(Review).where(Review.video_id == video.id).values(appeal=None))


def scrub(database: Database) -> None:
    """Rewrite the files that held deleted rows, so that their bytes are gone too.

    Locks the tables meanwhile; on PostgreSQL the user has to own the database. Backups and
    PostgreSQL's write-ahead log keep theirs until they are rotated. Raises NotScrubbedError where
    somebody still reads what was there before, which keeps the bytes.
    """
    with database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if database.engine.dialect.name == "sqlite":
            _scrub_sqlite(connection)
        else:
            _scrub_postgresql(connection)


def _scrub_postgresql(connection: sa.Connection) -> None:
    kept = 0

    def count(notice: Any) -> None:
        """VACUUM copies rows that were deleted as long as an older transaction may see them. How
        many is the first number of the detail, in whatever language."""
        nonlocal kept
        numbers = re.findall(r"\d+", notice.message_detail or "")
        kept += int(numbers[0]) if numbers else 0

    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(count)
    try:
        for table in _HOLDERS:
            connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE, ANALYZE) {table}")
        # The planner's statistics hold samples, and now deleted ones.
        connection.exec_driver_sql("VACUUM (FULL, VERBOSE) pg_statistic")
    finally:
        driver.remove_notice_handler(count)
    if kept:
        raise NotScrubbedError("an older transaction still reads what was erased")


def _scrub_sqlite(connection: sa.Connection) -> None:
    try:
        connection.exec_driver_sql("VACUUM")
    except OperationalError as error:
        raise NotScrubbedError(str(error.orig)) from error
    busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:
        raise NotScrubbedError("somebody still reads the database")


def _erase_video(session: Session, video: Video, actor: str) -> None:
    with contextlib.suppress(videos.IllegalTransitionError):  # it was finished
        videos.move(session, video.id, State.CANCELLED)
        cancelled = events.VideoCancelled()
        events.append(session, cancelled, tenant=video.tenant, actor=actor, subject=video.id)
    erase_typed(session, video)
    video.idempotency_key = None
    session.execute(
        sa.update(Review)
        .where(Review.video_id == video.id)
        .values(claimed_by=None, approved_by=None)
    )


def _erase_consent(session: Session, consent: Consent, actor: str) -> None:
    if consent.revoked_at is None:
        consent.revoked_at = now()
        revoked = events.ConsentRevoked()
        events.append(session, revoked, tenant=consent.tenant, actor=actor, subject=consent.id)
    consent.subject, consent.aliases, consent.uses = "", [], None


def _strip(session: Session, event_ids: Sequence[int]) -> int:
    """Remove the personal part of events, and what they are found by of it; returns of how many."""
    removed = session.scalars(
        sa.delete(AuditPersonal)
        .where(AuditPersonal.event_id.in_(event_ids))
        .returning(AuditPersonal.event_id)
    ).all()
    session.execute(
        sa.delete(AuditLabel).where(
            AuditLabel.event_id.in_(event_ids), AuditLabel.label.startswith(event_labels.ACTOR)
        )
    )
    return len(removed)
