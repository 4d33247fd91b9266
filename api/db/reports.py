"""Reports of the page ``/verify``, kept for whoever has the link until they expire."""

import re
import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.clock import now
from api.db.models import KeptReport

_ID = re.compile(r"[A-Za-z0-9_-]{32}")


def keep(
    session: Session, report: dict[str, Any], *, sha256: str, language: str, lifetime: timedelta
) -> KeptReport:
    """Keep a report under an id of 192 random bits, which nobody guesses."""
    moment = now()
    kept = KeptReport(
        id=secrets.token_urlsafe(24),
        sha256=sha256,
        language=language,
        report=report,
        created_at=moment,
        expires_at=moment + lifetime,
    )
    session.add(kept)
    return kept


def find(session: Session, report_id: str) -> KeptReport | None:
    """The report, unless it has expired; any text may be asked for."""
    if _ID.fullmatch(report_id) is None:  # PostgreSQL refuses some other texts, such as NUL
        return None
    kept = session.get(KeptReport, report_id)
    return kept if kept is not None and kept.expires_at > now() else None


def purge(session: Session) -> None:
    """Delete every report that has expired."""
    session.execute(sa.delete(KeptReport).where(KeptReport.expires_at <= now()))
