"""What the log holds of an event: canonical JSON, written once from its row."""

from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import orjson
import sqlalchemy as sa

from api.db.models import AuditEvent
from provenance.ledger.leaf import encode_event

LOGGED = (
    AuditEvent.id,
    AuditEvent.occurred_at,
    AuditEvent.type,
    AuditEvent.version,
    AuditEvent.tenant,
    AuditEvent.subject,
    sa.cast(AuditEvent.data, sa.Text),
    AuditEvent.commitment,
)
"""The columns of `Logged`: read alone they take a fraction of the time of a whole object. JSON is
read row by row, since many dictionaries at once keep the garbage collector busy.
"""


class LoggedRow(Protocol):
    """What is logged of an event."""

    @property
    def id(self) -> int: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def type(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def tenant(self) -> str: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def data(self) -> dict[str, Any]: ...
    @property
    def commitment(self) -> bytes: ...


class Logged(NamedTuple):
    """A `LoggedRow` made of the values of `LOGGED`. data: JSON text until it is `decoded`."""

    id: int
    occurred_at: datetime
    type: str
    version: int
    tenant: str
    subject: str | None
    data: Any
    commitment: bytes

    def decoded(self) -> "Logged":
        """The same with its data read; raises what is in `reading.MALFORMED`."""
        return self._replace(data=orjson.loads(self.data))


def entry_of(event: LoggedRow) -> bytes:
    """The bytes to log: RFC 8785 JSON with the members of docs/events.md."""
    return encode_event(_members(event))


def says(entry: bytes, event: LoggedRow) -> bool:
    """Whether logged bytes say what the row says."""
    members = _members(event)
    # Nothing else is written like it, and mostly RFC 8785 writes it so too.
    written = orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
    return entry == written or entry == encode_event(members)


def _members(event: LoggedRow) -> dict[str, Any]:
    return {
        "data": event.data,
        "id": event.id,
        "personal": event.commitment.hex(),
        "subject": event.subject,
        "tenant": event.tenant,
        "time": event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "type": event.type,
        "version": event.version,
    }
