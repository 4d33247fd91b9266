"""``/v1/consents``: who has released their likeness."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.auth import Scope
from api.caller import Caller
from api.consents import Release
from api.db import consents
from api.db.consents import ConsentScope, ConsentState
from api.db.models import Consent
from api.routes.dependencies import ServiceDependency, require
from api.texts import PlainText

router = APIRouter(prefix="/v1/consents", tags=["consents"])

# A consent lets prompts pass that moderators would see, so recording one is more than reviewing.
MayRecord = Annotated[Caller, Depends(require(Scope.ADMIN))]
MayRead = Annotated[Caller, Depends(require(Scope.ADMIN, Scope.REVIEW))]

_YEAR_9999 = 253_370_764_800


def _a_name(text: str) -> str:
    name = " ".join(text.split())
    if sum(map(str.isalpha, name)) < 2:
        raise ValueError("a name has at least two letters")
    return name


Name = Annotated[PlainText, Field(min_length=2, max_length=120), AfterValidator(_a_name)]


class RecordConsent(BaseModel):
    """What a signed form says."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "subject": "Tom Hanks",
                    "aliases": ["Thomas Jeffrey Hanks"],
                    "scope": "any_depiction",
                    "evidence_sha256": "e3b0c44298fc1c149afbf4c8996fb924"
                    "27ae41e4649b934ca495991b7852b855",
                    "expires_at": 1893456000,
                }
            ]
        },
    )

    subject: Name = Field(description="The person's name, as prompts write it.")
    aliases: list[Name] = Field(default=[], max_length=20, description="Other names of theirs.")
    scope: ConsentScope = Field(
        description="`any_depiction` releases the likeness; `named_uses` is shown to moderators."
    )
    uses: Annotated[PlainText, Field(max_length=2000)] | None = Field(
        default=None, description="What the form names, for the scope `named_uses`."
    )
    evidence_sha256: str = Field(
        pattern="^[0-9a-f]{64}$", description="Of the signed form, which you keep."
    )
    expires_at: int = Field(gt=0, lt=_YEAR_9999, description="Unix seconds, in the future.")

    def release(self) -> Release:
        """The form as the registry understands it."""
        expires_at = datetime.fromtimestamp(self.expires_at, UTC)
        return Release(**self.model_dump(exclude={"expires_at"}), expires_at=expires_at)


class ConsentObject(BaseModel):
    """A recorded consent, and whether it still releases anything."""

    id: str
    object: Literal["consent"] = "consent"
    tenant: str
    state: ConsentState
    subject: str = Field(description="Empty once it was erased.")
    aliases: list[str]
    scope: ConsentScope
    uses: str | None
    evidence_sha256: str
    created_at: int = Field(description="Unix seconds.")
    expires_at: int = Field(description="Unix seconds.")
    revoked_at: int | None = Field(description="Unix seconds.")

    @classmethod
    def of(cls, consent: Consent) -> "ConsentObject":
        """The public view of a row."""
        revoked_at = consent.revoked_at
        return cls(
            id=consent.id,
            tenant=consent.tenant,
            state=consents.state_of(consent),
            subject=consent.subject,
            aliases=consent.aliases,
            scope=ConsentScope(consent.scope),
            uses=consent.uses,
            evidence_sha256=consent.evidence_sha256,
            created_at=int(consent.created_at.timestamp()),
            expires_at=int(consent.expires_at.timestamp()),
            revoked_at=None if revoked_at is None else int(revoked_at.timestamp()),
        )


class ConsentList(BaseModel):
    """One page of consents."""

    object: Literal["list"] = "list"
    data: list[ConsentObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


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
