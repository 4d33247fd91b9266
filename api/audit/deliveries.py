"""What became of the heads that :mod:`api.audit.publisher` sent: kept for the page of health."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.clock import now
from api.db.models import AuditCheckpoint, HeadDelivery
from api.settings import Settings
from provenance.ledger.cosignature import WitnessKey

WEBHOOK = "webhook"
"""Receives heads under this name, and a witness under its key."""
_LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is sent heads. last: None before the first try. behind: newer heads than the
    one that it took last."""

    name: str
    last: HeadDelivery | None
    behind: int


def note_taken(session: Session, receiver: str, size: int) -> None:
    """The receiver took the head of that size."""
    session.merge(HeadDelivery(receiver=receiver, size=size, taken_at=now()))


def note_failed(session: Session, receiver: str, error: Exception) -> None:
    """It did not take one."""
    told = f"{error}" or type(error).__name__
    session.merge(HeadDelivery(receiver=receiver, error=told[:_LONGEST_ERROR], failed_at=now()))


def receivers(session: Session, settings: Settings) -> Sequence[Receiver]:
    """Everybody who is to be sent heads."""
    names = {
        str(key): f"Witness {key.name}"
        for key in (WitnessKey.parse(witness.key) for witness in settings.log_witnesses)
    }
    if settings.log_webhook:
        names[WEBHOOK] = f"Webhook at {settings.log_webhook.url.host}"
    return [_receiver(session, receiver, name) for receiver, name in names.items()]


def _receiver(session: Session, receiver: str, name: str) -> Receiver:
    last = session.get(HeadDelivery, receiver)
    taken = last.size if last and last.size is not None else 0
    newer = sa.select(sa.func.count()).where(AuditCheckpoint.size > taken)
    return Receiver(name, last, session.scalars(newer).one())
