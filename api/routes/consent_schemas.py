"""The wire format of consents, which the command line speaks, too."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.consents import Release
from api.db import consents
from api.db.consents import ConsentScope, ConsentState
from api.db.models import Consent
from api.texts import PlainText

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
