"""Queries on consents. Nothing here commits; the caller owns the transaction."""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.clock import now
from api.db.models import Consent

_ID = re.compile(r"consent_[0-9a-f]{32}")


class ConsentScope(StrEnum):
    """What a form allows: any depiction that the policy lets through, or only uses that it names.

    Which use a video is meant for cannot be read from its prompt, so there a moderator compares.
    """

    ANY_DEPICTION = "any_depiction"
    NAMED_USES = "named_uses"


class ConsentState(StrEnum):
    """Whether a consent still releases anything."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


def state_of(consent: Consent) -> ConsentState:
    """As it is now."""
    if consent.revoked_at is not None:
        return ConsentState.REVOKED
    return ConsentState.VALID if consent.expires_at > now() else ConsentState.EXPIRED


def names_of(consent: Consent) -> list[str]:
    """Every name that prompts may use for the person."""
    return [consent.subject, *consent.aliases]


def find(session: Session, consent_id: str, tenant: str | None) -> Consent | None:
    """A tenant's consent, or anybody's if that is None; any text may be asked for."""
    if not _ID.fullmatch(consent_id):
        return None
    consent = session.get(Consent, consent_id)
    return consent if consent and tenant in (None, consent.tenant) else None


def page(
    session: Session, tenant: str | None, *, after: Consent | None, limit: int
) -> tuple[Sequence[Consent], bool]:
    """Consents, the newest first, and whether more follow; of all tenants if `tenant` is None."""
    position = (Consent.created_at, Consent.id)
    query = sa.select(Consent)
    if tenant is not None:
        query = query.where(Consent.tenant == tenant)
    if after is not None:
        last = sa.tuple_(
            sa.literal(after.created_at, Consent.created_at.type), sa.literal(after.id)
        )
        query = query.where(sa.tuple_(*position) < last)
    query = query.order_by(*(column.desc() for column in position))
    rows = session.scalars(query.limit(limit + 1)).all()
    return rows[:limit], len(rows) > limit


def valid(session: Session, tenant: str) -> Sequence[Consent]:
    """A tenant's consents that are neither revoked nor expired."""
    return session.scalars(sa.select(Consent).where(Consent.tenant == tenant, *_valid())).all()


def of_ids(session: Session, consent_ids: Collection[str]) -> dict[str, Consent]:
    """Those of the consents that exist, valid or not."""
    found = session.scalars(sa.select(Consent).where(Consent.id.in_(consent_ids)))
    return {consent.id: consent for consent in found}


def all_valid(session: Session, consent_ids: Collection[str]) -> bool:
    """Whether none of these has ended."""
    query = sa.select(sa.func.count()).where(Consent.id.in_(consent_ids), *_valid())
    return session.scalar(query) == len(consent_ids)


def _valid() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return Consent.revoked_at.is_(None), Consent.expires_at > now()
