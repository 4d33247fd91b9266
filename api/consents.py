"""The registry of consents: who has released their likeness to a tenant, for what, until when."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api import events
from api.caller import Caller
from api.clock import now
from api.db import consents
from api.db.consents import ConsentScope, ConsentState
from api.db.models import Consent
from api.db.session import Database
from api.errors import ConflictError, InvalidRequestError, NotFoundError


@dataclass(frozen=True, slots=True)
class Release:
    """What a signed form says. `uses`: those that it names, exactly if that is its scope."""

    subject: str
    aliases: list[str]
    scope: ConsentScope
    uses: str | None
    evidence_sha256: str
    expires_at: datetime


class Consents:
    """The registry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, release: Release, caller: Caller) -> Consent:
        """Record a consent for the caller's tenant.

        Raises InvalidRequestError for one that has expired, or whose uses do not fit its scope, and
        for the tenant `public`, whose events every auditor sees.
        """
        if caller.tenant == events.PUBLIC:
            raise InvalidRequestError("No tenant is called public: these events are everybody's.")
        if release.expires_at <= now():
            raise InvalidRequestError("expires_at must be in the future.", param="expires_at")
        if (release.scope is ConsentScope.NAMED_USES) != bool(release.uses):
            raise InvalidRequestError(
                "Give the uses that the form names if the scope is named_uses, and only then.",
                param="uses",
            )
        consent = Consent(
            id=f"consent_{uuid.uuid4().hex}",
            tenant=caller.tenant,
            subject=release.subject,
            aliases=release.aliases,
            scope=release.scope,
            uses=release.uses,
            evidence_sha256=release.evidence_sha256,
            created_at=now(),
            expires_at=release.expires_at,
        )
        recorded = events.ConsentRecorded(
            scope=release.scope.value,
            evidence_sha256=release.evidence_sha256,
            expires_at=release.expires_at.isoformat(),
        )
        personal = {
            "subject": release.subject,
            "aliases": "\n".join(release.aliases) or None,
            "uses": release.uses,
        }
        with self._database.transaction() as session:
            session.add(consent)
            caller.log(session, recorded, subject=consent.id, personal=personal)
        return consent

    def page(
        self, tenant: str | None, *, after: str | None = None, limit: int = 50
    ) -> tuple[Sequence[Consent], bool]:
        """Consents, the newest first, and whether more follow; of all tenants if `tenant` is None.

        Raises NotFoundError for an unknown `after`, the last consent before.
        """
        with self._database.transaction() as session:
            last = None if after is None else consents.find(session, after, tenant)
            if after is not None and last is None:
                raise NotFoundError("There is no such consent to start after.", param="after")
            return consents.page(session, tenant, after=last, limit=limit)

    def get(self, consent_id: str, tenant: str | None) -> Consent:
        """A tenant's consent, or anybody's if that is None. Raises NotFoundError."""
        with self._database.transaction() as session:
            return _find(session, consent_id, tenant)

    def revoke(self, consent_id: str, caller: Caller) -> Consent:
        """End a consent for good: nothing that rests on it is released from now on.

        Raises NotFoundError, and ConflictError if it was revoked before.
        """
        with self._database.writing() as session:
            consent = _find(session, consent_id, caller.tenant)
            session.refresh(consent, with_for_update=True)
            if consents.state_of(consent) is ConsentState.REVOKED:
                raise ConflictError("The consent is revoked already.")
            consent.revoked_at = now()
            caller.log(session, events.ConsentRevoked(), subject=consent_id)
        return consent


def _find(session: Session, consent_id: str, tenant: str | None) -> Consent:
    consent = consents.find(session, consent_id, tenant)
    if consent is None:
        raise NotFoundError("There is no such consent.")
    return consent
