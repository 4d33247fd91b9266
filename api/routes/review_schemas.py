"""The wire format of reviews, which the command line speaks, too."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.db.cases import ReviewKind, ReviewState
from api.review_log import ReviewAct
from api.reviews import Case
from api.routes.consent_schemas import ConsentObject
from api.texts import PlainText


class Grounds(BaseModel):
    """Why; goes into the log's erasable part."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[PlainText, Field(min_length=1, max_length=2000)]


class ReviewDecision(BaseModel):
    """What a moderator decided, as the log has it."""

    decision: Literal["approved", "rejected"]
    final: bool = Field(description="false for the first of two approvals")
    at: int = Field(description="Unix seconds.")
    by: str | None = Field(description="Null once it was erased, as the reason.")
    reason: str | None

    @classmethod
    def of(cls, act: ReviewAct) -> "ReviewDecision":
        """The moderators' view of an event."""
        return cls(
            decision="approved" if act.approved else "rejected",
            final=act.final,
            at=int(act.at.timestamp()),
            by=act.by,
            reason=act.reason,
        )


class ReviewObject(BaseModel):
    """A case, and what is to be decided."""

    id: str = Field(description="The id of the video.")
    object: Literal["review"] = "review"
    tenant: str
    kind: ReviewKind
    state: ReviewState
    prompt: str | None
    negative_prompt: str | None
    model: str
    reasons: list[dict[str, Any]] = Field(description="Why the classifier stopped it.")
    findings: list[dict[str, Any]] = Field(description="Why the rendered frames were stopped.")
    categories: dict[str, float]
    policy_version: str
    consents_to_check: list[str] = Field(
        description="Ids of consents for named uses, of people whom the prompt names."
    )
    consents: list[ConsentObject] = Field(description="These consents, ended ones included.")
    appeal: str | None = Field(description="What the caller says against the refusal.")
    opened_at: int = Field(description="Unix seconds.")
    claimed_by: str | None = Field(description="Who keeps it from other moderators now.")
    claimed_until: int | None = Field(description="Unix seconds.")
    approved_by: str | None = Field(description="The first of two moderators who must approve.")
    decided_at: int | None = Field(description="Unix seconds.")
    decisions: list[ReviewDecision] = Field(
        description="About this video, the earliest first: on its prompt, and on its frames."
    )

    @classmethod
    def of(cls, case: Case) -> "ReviewObject":
        """The moderators' view of a case."""
        review, video, until = case.review, case.video, case.claimed_until
        return cls(
            id=video.id,
            tenant=video.tenant,
            kind=ReviewKind(review.kind),
            state=ReviewState(review.state),
            prompt=video.prompt,
            negative_prompt=video.negative_prompt,
            model=video.model,
            reasons=video.moderation.get("reasons", []),
            findings=video.moderation.get("findings", []),
            categories=video.moderation["categories"],
            policy_version=video.moderation["policy_version"],
            consents_to_check=video.moderation.get("consents_to_check", []),
            consents=[ConsentObject.of(consent) for consent in case.consents],
            appeal=review.appeal,
            opened_at=int(review.opened_at.timestamp()),
            claimed_by=review.claimed_by if until else None,
            claimed_until=int(until.timestamp()) if until else None,
            approved_by=review.approved_by,
            decided_at=int(review.decided_at.timestamp()) if review.decided_at else None,
            decisions=[ReviewDecision.of(act) for act in case.decisions],
        )


class ReviewList(BaseModel):
    """One page of cases."""

    object: Literal["list"] = "list"
    data: list[ReviewObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Outcome(BaseModel):
    """What became of a case."""

    id: str
    object: Literal["review.outcome"] = "review.outcome"
    state: ReviewState
