"""``/v1/audit``: the log's signed head, tiles and proofs for anybody, its events for auditors."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.audit import export, search, tree
from api.audit.export import MEDIA_TYPES, Format
from api.audit.tree import NotLoggedError
from api.auth import Scope
from api.caller import Caller
from api.errors import InvalidRequestError, NotFoundError
from api.routes.dependencies import ServiceDependency, require
from provenance.ledger.errors import FormatError, LedgerError

router = APIRouter(prefix="/v1/audit", tags=["audit"])

MayAudit = Annotated[Caller, Depends(require(Scope.AUDIT))]
EventId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_NOTHING = "Nothing was logged yet."
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class EventObject(BaseModel):
    """One event as it is logged, and its place in the log."""

    id: int
    object: str = "audit.event"
    place: int | None
    time: datetime
    type: str
    version: int
    tenant: str
    subject: str | None
    data: dict[str, Any]
    commitment: str
    personal: dict[str, Any] | None


class UnreadableEvent(BaseModel):
    """An event that cannot be read, because somebody has tampered with its row."""

    id: int
    object: str = "audit.event.unreadable"
    place: int | None


class EventList(BaseModel):
    """One page of events."""

    object: str = "list"
    data: list[EventObject | UnreadableEvent]
    first_id: int | None
    last_id: int | None
    has_more: bool


class ExportWanted(search.Conditions):
    """Which events, and in which form."""

    format: Format = Format.JSONL


class GrowthProof(BaseModel):
    """Hashes in hex that show the first tree to be the beginning of the second."""

    from_size: int
    to_size: int
    proof: list[str]


class LogKey(BaseModel):
    """What checkpoints are verified with (C2SP signed-note, verifier key)."""

    origin: str
    verifier_key: str


@router.get("/key")
def log_key(service: ServiceDependency) -> LogKey:
    """The log's name and public key. Keep it from a moment when you trusted this service."""
    key = service.log_signer.verifier_key
    return LogKey(origin=key.name, verifier_key=str(key))


@router.get("/checkpoint", response_class=Response)
def checkpoint(
    service: ServiceDependency,
    covering: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
) -> Response:
    """The newest signed head of the log (C2SP tlog-checkpoint); with `covering`, the first one of
    so many entries or more."""
    with service.database.transaction() as session:
        if covering is None:
            head = tree.newest_checkpoint(session)
        else:
            head = tree.first_checkpoint(session, covering)
    if head is None:
        raise NotFoundError(f"The log has no {covering} entries yet." if covering else _NOTHING)
    return _head(head.note)


@router.get("/checkpoint/cosigned", response_class=Response)
def cosigned_checkpoint(service: ServiceDependency) -> Response:
    """The newest signed head that witnesses have cosigned (C2SP tlog-cosignature)."""
    with service.database.transaction() as session:
        note = tree.cosigned_checkpoint(session, service.settings.witness_keys)
    if note is None:
        raise NotFoundError("No witness has cosigned a head of this log.")
    return _head(note)


@router.get("/tile/{path:path}", response_class=Response)
def tile(service: ServiceDependency, path: str) -> Response:
    """A tile or an entry bundle (C2SP tlog-tiles); what is served never changes."""
    try:
        with service.database.transaction() as session:
            content = tree.read_tile(session, f"tile/{path}")
    except (FormatError, NotLoggedError) as error:
        raise NotFoundError(f"{error}.") from error
    return Response(content, media_type="application/octet-stream", headers=_FOREVER)


@router.get("/events/{event_id}/proof", response_class=Response)
def proof(service: ServiceDependency, event_id: EventId, first: bool = False) -> Response:
    """That an event is in the log, as a file to keep (C2SP tlog-proof).

    It is under the first cosigned head that covers the event, or the newest where there is none;
    with `first`, under the first signed head that covers it.
    """
    witnesses = service.settings.witness_keys
    try:
        with service.database.transaction() as session:
            content = tree.prove(session, event_id, witnesses=witnesses, first=first)
    except NotLoggedError as error:
        raise NotFoundError(f"{error}.") from error
    headers = {"Content-Disposition": f'attachment; filename="event-{event_id}.tlog-proof"'}
    return Response(content, media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/events/{event_id}/entry", response_class=Response)
def entry(service: ServiceDependency, event_id: EventId) -> Response:
    """What was logged of an event, byte by byte: what its proof is checked with."""
    try:
        with service.database.transaction() as session:
            content = tree.entry(session, event_id)
    except NotLoggedError as error:
        raise NotFoundError(f"{error}.") from error
    headers = {"Content-Disposition": f'attachment; filename="event-{event_id}.json"', **_FOREVER}
    return Response(content, media_type="application/json", headers=headers)


@router.get("/growth")
def growth(
    service: ServiceDependency,
    from_size: Annotated[int, Query(ge=0, le=2**63 - 1)],
    to_size: Annotated[int, Query(ge=0, le=2**63 - 1)],
) -> GrowthProof:
    """That the log only grew between two sizes (RFC 6962 consistency proof)."""
    try:
        with service.database.transaction() as session:
            hashes = tree.prove_growth(session, from_size, to_size)
    except NotLoggedError as error:
        raise NotFoundError(f"{error}.") from error
    except LedgerError as error:
        raise InvalidRequestError(f"{error}.", param="from_size") from error
    return GrowthProof(from_size=from_size, to_size=to_size, proof=[each.hex() for each in hashes])


@router.get("/events")
def list_events(
    service: ServiceDependency, caller: MayAudit, wanted: Annotated[search.Filter, Query()]
) -> EventList:
    """The tenant's events, newest first, by any of the filters; `after` is the last id of the
    page before."""
    with service.database.transaction() as session:
        rows, more = search.page(session, wanted, tenant=caller.tenant)
        data = [_view(row) for row in rows]
    return EventList(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=more,
    )


@router.get("/export", response_class=StreamingResponse)
def export_events(
    service: ServiceDependency,
    caller: MayAudit,
    wanted: Annotated[ExportWanted, Query()],
) -> StreamingResponse:
    """All of the tenant's events that meet the conditions, oldest first, as a file."""

    key = service.log_signer.verifier_key
    try:
        lines = export.export(service.database, wanted, wanted.format, key, tenant=caller.tenant)
    except NotLoggedError as error:
        raise NotFoundError(_NOTHING) from error
    name = f"signet-audit.{'csv' if wanted.format is Format.CSV else 'jsonl'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=MEDIA_TYPES[wanted.format], headers=headers)


def _head(note: bytes) -> Response:
    headers = {"Cache-Control": "no-cache"}
    return Response(note, media_type="text/plain; charset=utf-8", headers=headers)


def _view(row: search.Row | search.Unreadable) -> EventObject | UnreadableEvent:
    if isinstance(row, search.Unreadable):
        return UnreadableEvent(id=row.event_id, place=row.place)
    event = row.event
    return EventObject(
        id=event.id,
        place=row.place,
        time=event.occurred_at,
        type=event.type,
        version=event.version,
        tenant=event.tenant,
        subject=event.subject,
        data=event.data,
        commitment=event.commitment.hex(),
        personal=row.personal.content if row.personal else None,
    )
