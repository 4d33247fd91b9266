"""``/log``: the audit log as a table, one event with its proof, and the log's own health."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import model_validator
from sqlalchemy.orm import Session

from api import events
from api.audit import deliveries, health, search, tree
from api.audit.absence import Erasures
from api.audit.entry import entry_of
from api.auth import Scope
from api.caller import Caller
from api.clock import now
from api.db.models import AuditEvent
from api.errors import NotFoundError
from api.pages.door import signed_in
from api.pages.plot import plot
from api.pages.render import PageRoute, page
from api.routes.dependencies import ServiceDependency
from provenance.ledger.leaf import canonical

router = APIRouter(prefix="/log", route_class=PageRoute, include_in_schema=False)

MayRead = Annotated[Caller, Depends(signed_in(Scope.AUDIT))]

_PLOTTED = timedelta(hours=48)


class FilterForm(search.Filter):
    """A filter as a form sends it."""

    @model_validator(mode="before")
    @classmethod
    def _left_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != ""}


@router.get("")
def log(
    request: Request,
    service: ServiceDependency,
    caller: MayRead,
    wanted: Annotated[FilterForm, Query()],
) -> Response:
    """The newest events that meet the filter."""
    with service.database.transaction() as session:
        rows, more = search.page(session, wanted, tenant=caller.tenant)
    older = request.url.include_query_params(after=rows[-1].event_id).query if more else None
    return page(
        request,
        "log.html",
        rows=rows,
        wanted=wanted,
        filtered=bool(wanted.model_fields_set - {"after", "limit"}),
        older=older,
        outcome_of=events.outcome,
        types=[kind.type for kind in events.all_types()],
    )


@router.get("/health")
def log_health(request: Request, service: ServiceDependency, caller: MayRead) -> Response:
    """Whether the log is kept as it should be."""
    with service.database.transaction() as session:
        state = health.read(session)
        told = deliveries.receivers(session, service.settings)
        counts = health.decisions_per_hour(session, caller.tenant, now() - _PLOTTED)
    return page(
        request,
        "health.html",
        state=state,
        age=_age(state.signed_at),
        receivers=told,
        plot=plot(counts),
        actions=events.ACTIONS,
    )


@router.get("/{event_id}")
def event(
    request: Request,
    service: ServiceDependency,
    caller: MayRead,
    event_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
) -> Response:
    """One event, with what a browser needs to check its proof."""
    with service.database.transaction() as session:
        row = search.find(session, event_id, tenant=caller.tenant)
        if row is None:
            raise NotFoundError(f"There is no event {event_id}.")
        entry = (row.leaf.entry if row.leaf else entry_of(row.event)).decode()
        personal = canonical(row.personal.content).decode() if row.personal else None
        head = tree.newest_checkpoint(session)
        erased_by = None if row.personal else _erased_by(session, row.event)
    logged = json.loads(entry)  # and not the row's columns, which no proof covers
    return page(
        request,
        "event.html",
        row=row,
        logged=logged,
        entry=entry,
        personal=personal,
        head=head,
        erased_by=erased_by,
    )


def _erased_by(session: Session, event: AuditEvent) -> int | None:
    """The event that says that the personal part of this one was erased."""
    subjects = [event.subject] if event.subject else []
    return Erasures(session, subjects).taken_by(event.id, event.type, event.subject)


def _age(moment: datetime | None) -> str:
    if moment is None:
        return "never"
    seconds = int((now() - moment).total_seconds())
    return f"{timedelta(seconds=seconds)} ago"
