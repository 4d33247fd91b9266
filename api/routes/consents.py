"""``/v1/consents``: who has released their likeness."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import Scope
from api.caller import Caller
from api.routes.consent_schemas import ConsentList, ConsentObject, RecordConsent
from api.routes.dependencies import ServiceDependency, require

router = APIRouter(prefix="/v1/consents", tags=["consents"])

# A consent lets prompts pass that moderators would see, so recording one is more than reviewing.
MayRecord = Annotated[Caller, Depends(require(Scope.ADMIN))]
MayRead = Annotated[Caller, Depends(require(Scope.ADMIN, Scope.REVIEW))]


@router.post("")
def record_consent(
    body: RecordConsent, service: ServiceDependency, caller: MayRecord
) -> ConsentObject:
    """Record that a person has released their likeness; you keep the signed form.

    It releases likeness only: nothing sexual, deceptive, political or fraudulent.
    """
    return ConsentObject.of(service.consents.record(body.release(), caller))


@router.get("")
def list_consents(
    service: ServiceDependency,
    caller: MayRead,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ConsentList:
    """The tenant's consents, newest first."""
    rows, more = service.consents.page(caller.tenant, after=after, limit=limit)
    data = [ConsentObject.of(consent) for consent in rows]
    return ConsentList(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=more,
    )


@router.get("/{consent_id}")
def get_consent(service: ServiceDependency, caller: MayRead, consent_id: str) -> ConsentObject:
    """One consent."""
    return ConsentObject.of(service.consents.get(consent_id, caller.tenant))


@router.post("/{consent_id}/revoke")
def revoke_consent(service: ServiceDependency, caller: MayRecord, consent_id: str) -> ConsentObject:
    """End a consent for good, and with it unfinished videos that rest on it."""
    return ConsentObject.of(service.consents.revoke(consent_id, caller))
