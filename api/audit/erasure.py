"""Erases what is personal about a video, a moderation or a key; every proof still holds."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.db.models import AuditEvent, AuditLabel, AuditPersonal, Review, Video
from api.db.session import Database


class NothingToEraseError(LookupError):
    """No event is about this subject."""


def erase(session: Session, subject: str, *, actor: str) -> int:
    """Delete prompts, reasons and actors of every event about `subject`, and log that it was done.

    subject: the id of a video, a moderation or a key. Returns how many events were stripped; a
    second time it is 0. Raises NothingToEraseError for a subject that the log does not know.
    """
    about = sa.select(AuditEvent.id, AuditEvent.tenant).where(AuditEvent.subject == subject)
    rows = session.execute(about).all()
    if not rows:
        raise NothingToEraseError(f"the log knows nothing about {subject}")
    ids = [row.id for row in rows]
    removed = session.scalars(
        sa.delete(AuditPersonal)
        .where(AuditPersonal.event_id.in_(ids))
        .returning(AuditPersonal.event_id)
    ).all()
    session.execute(
        sa.delete(AuditLabel).where(
            AuditLabel.event_id.in_(ids), AuditLabel.label.startswith(events.ACTOR_LABEL)
        )
    )
    session.execute(
        sa.update(Video).where(Video.id == subject).values(prompt=None, negative_prompt=None)
    )
    session.execute(
        sa.update(Review)
        .where(Review.video_id == subject)
        .values(appeal=None, claimed_by=None, approved_by=None)
    )
    events.append(
        session,
        events.SubjectErased(entries=len(removed)),
        tenant=rows[0].tenant,
        actor=actor,
        subject=subject,
    )
    return len(removed)


def scrub(database: Database) -> None:
    """Rewrite the files that held deleted rows, so that their bytes are gone too.

    Locks the tables meanwhile; on PostgreSQL the user has to own the database. Backups and
    PostgreSQL's write-ahead log keep theirs until they are rotated.
    """
    with database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if database.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in ("audit_personal", "audit_label", "review", "video"):
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
            # The planner's statistics hold samples, and now deleted ones.
            connection.exec_driver_sql("VACUUM (FULL) pg_statistic")
