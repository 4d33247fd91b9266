"""Who asks."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from api import events
from api.events import Event


@dataclass(frozen=True, slots=True)
class Caller:
    """The tenant the video belongs to and the actor in the log."""

    tenant: str
    actor: str

    def log(
        self,
        session: Session,
        event: Event,
        *,
        subject: str | None = None,
        personal: dict[str, str | None] | None = None,
    ) -> None:
        """Add an event of this caller's to the transaction."""
        events.append(
            session,
            event,
            tenant=self.tenant,
            actor=self.actor,
            subject=subject,
            personal=personal,
        )
