"""API keys: ``sgn_<id>_<secret>``, 256 random bits, of which only the SHA-256 is stored.

A fast hash is right here: the secret is random, so there is nothing to guess.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.clock import now
from api.db.models import ApiKey, AuditEvent
from api.events import KeyCreated, KeyRefused, KeyRevoked

_REFUSALS_APART = timedelta(minutes=1)


class Scope(StrEnum):
    """What a key may do."""

    GENERATE = "generate"
    MODERATE = "moderate"
    VERIFY = "verify"
    AUDIT = "audit"
    REVIEW = "review"
    ADMIN = "admin"


def create_key(
    session: Session,
    *,
    name: str,
    tenant: str,
    scopes: Sequence[Scope],
    actor: str,
    expires_at: datetime | None = None,
) -> str:
    """Create a key and return its text, which cannot be shown again.

    Raises ValueError for the tenant `public`, whose events every auditor sees.
    """
    if tenant == events.PUBLIC:
        raise ValueError("a tenant cannot be called public: these events are everybody's")
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    session.add(
        ApiKey(
            id=key_id,
            tenant=tenant,
            name=name,
            secret_sha256=_digest(secret),
            scopes=sorted(scopes),
            created_at=now(),
            expires_at=expires_at,
        )
    )
    events.append(
        session,
        KeyCreated(scopes=sorted(scopes)),
        tenant=tenant,
        actor=actor,
        subject=key_id,
        personal={"name": name},
    )
    return f"sgn_{key_id}_{secret}"


def find_key(session: Session, text: str) -> ApiKey | None:
    """The live key with this text, or None: unknown, wrong, revoked and expired look alike."""
    key, secret = _named(session, text)
    if key is None or not hmac.compare_digest(key.secret_sha256, _digest(secret)):
        return None
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at < now()):
        return None
    return key


def log_refusal(session: Session, text: str) -> None:
    """Log that a known key was not good, at most once a minute and key, so that whoever guesses
    cannot fill the log. The session writes what it reads (`Database.writing`)."""
    key, _ = _named(session, text)
    if key is None:
        return
    session.refresh(key, with_for_update=True)  # another try may be logging it
    refused = sa.select(AuditEvent.id).where(
        AuditEvent.subject == key.id,
        AuditEvent.type == KeyRefused.type,
        AuditEvent.occurred_at > now() - _REFUSALS_APART,
    )
    if session.scalar(refused.limit(1)) is None:
        events.append(session, KeyRefused(), tenant=key.tenant, actor="unknown", subject=key.id)


def list_keys(session: Session) -> Sequence[ApiKey]:
    """Every key, newest first."""
    return session.scalars(sa.select(ApiKey).order_by(ApiKey.created_at.desc())).all()


def revoke_key(session: Session, key_id: str, *, actor: str) -> bool:
    """Revoke a key for good; False if there is no such live key."""
    key = session.get(ApiKey, key_id)
    if key is None or key.revoked_at is not None:
        return False
    key.revoked_at = now()
    events.append(session, KeyRevoked(), tenant=key.tenant, actor=actor, subject=key_id)
    return True


def _named(session: Session, text: str) -> tuple[ApiKey | None, str]:
    """The key of the id in the text, and the secret in it."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    named = prefix == "sgn" and key_id.isalnum()
    return (session.get(ApiKey, key_id) if named else None), secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
