"""What the log holds of an event: canonical JSON, computed from its row."""

from datetime import UTC

from api.db.models import AuditEvent
from provenance.ledger.leaf import encode_event


def entry_of(event: AuditEvent) -> bytes:
    """The logged bytes: RFC 8785 JSON with the members of docs/events.md."""
    return encode_event(
        {
            "id": event.id,
            "time": event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "type": event.type,
            "version": event.version,
            "tenant": event.tenant,
            "subject": event.subject,
            "data": event.data,
            "personal": event.commitment.hex(),
        }
    )
