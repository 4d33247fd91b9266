"""What the log holds of an event: canonical JSON, written once from its row."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import orjson
import sqlalchemy as sa

from api.db.models import AuditEvent
from api.events import exact
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
    """A `LoggedRow`, or one whose data is not decoded yet: the values of `LOGGED`."""

    id: int
    occurred_at: datetime
    type: str
    version: int
    tenant: str
    subject: str | None
    data: Any
    commitment: bytes

    @classmethod
    def of(cls, columns: Sequence[Any]) -> "Logged":
        """From the values of `LOGGED`; raises what is in `reading.MALFORMED`."""
        event_id, at, kind, version, tenant, subject, data, commitment = columns
        return cls(event_id, at, kind, version, tenant, subject, orjson.loads(data), commitment)


def entry_of(event: LoggedRow) -> bytes:
    """The bytes to log: RFC 8785 JSON with the members of docs/events.md."""
    time = event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds")
    return encode_event(_members(event) | {"time": time})


def says(entry: bytes, event: LoggedRow) -> bool:
    """Whether logged bytes say what the row says."""
    # Nothing else is written like it, and mostly RFC 8785 writes it so too.
    return entry == orjson.dumps(_members(event)) or entry == entry_of(event)


def is_row_of(entry: bytes, event: LoggedRow, data: str) -> bool:
    """Whether logged bytes say what the row says, in the one way that rows are written. data: the
    text of the row's."""
    if entry == orjson.dumps(_members(event)):
        begins = b'{"data":%b,"id":' % _closed(data).encode()
        return entry.startswith(begins) or is_written_so(data, event.data)
    written = json.dumps(exact(event.data))
    return entry == entry_of(event) and _closed(data) == _closed(written)


def is_written_so(text: str, value: Any) -> bool:
    """Whether a row's JSON is spelt as it is written, spaces aside, and names no member twice:
    programs differ in which one they take. value: what was read from it."""
    # Mostly there is nothing to escape, and orjson takes a fraction of the time.
    closed, plain = _closed(text), orjson.dumps(value).decode()
    return closed == plain or closed == _closed(plain) or text == json.dumps(value)


def _closed(text: str) -> str:
    """Without the spaces that some writers of JSON put between members."""
    return text.replace(", ", ",").replace(": ", ":")


def _members(event: LoggedRow) -> dict[str, Any]:
    return {
        "data": event.data,
        "id": event.id,
        "personal": event.commitment.hex(),
        "subject": event.subject,
        "tenant": event.tenant,
        "time": event.occurred_at,
        "type": event.type,
        "version": event.version,
    }
