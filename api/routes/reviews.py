"""``/v1/reviews``: the moderators' queue."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Scope
from api.caller import Caller
from api.db.cases import ReviewKind, ReviewState
from api.db.models import Review, Video
from api.routes.dependencies import ServiceDependency, require
from api.texts import PlainText

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

MayReview = Annotated[Caller, Depends(require(Scope.REVIEW))]


class Grounds(BaseModel):
    """Why; goes into the log's erasable part."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[PlainText, Field(min_length=1, max_length=2000)]


class ReviewObject(BaseModel):
    """A case, and what is to be decided."""

    id: str = Field(description="The id of the video.")
    object: Literal["review"] = "review"
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
    appeal: str | None = Field(description="What the caller says against the refusal.")
    opened_at: int = Field(description="Unix seconds.")
    claimed_by: str | None
    approved_by: str | None = Field(description="The first of two moderators who must approve.")

    @classmethod
    def of(cls, review: Review, video: Video) -> "ReviewObject":
        """The moderators' view of a row."""
        return cls(
            id=video.id,
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
            appeal=review.appeal,
            opened_at=int(review.opened_at.timestamp()),
            claimed_by=review.claimed_by,
            approved_by=review.approved_by,
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


@router.get("")
def list_reviews(
    service: ServiceDependency,
    caller: MayReview,
    state: ReviewState = ReviewState.OPEN,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ReviewList:
    """The tenant's cases, the longest waiting first."""
    rows, more = service.reviews.page(caller.tenant, state=state, after=after, limit=limit)
    data = [ReviewObject.of(review, video) for review, video in rows]
    return ReviewList(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=more,
    )


@router.post("/{video_id}/claim")
def claim(service: ServiceDependency, caller: MayReview, video_id: str) -> Outcome:
    """Keep a case from other moderators for 15 minutes."""
    service.reviews.claim(video_id, caller)
    return Outcome(id=video_id, state=ReviewState.OPEN)


@router.post("/{video_id}/approve")
def approve(
    service: ServiceDependency, caller: MayReview, video_id: str, grounds: Grounds
) -> Outcome:
    """Let the video go on. Where two must approve, the case stays open after the first."""
    final = service.reviews.approve(video_id, caller, grounds.reason)
    return Outcome(id=video_id, state=ReviewState.APPROVED if final else ReviewState.OPEN)


@router.post("/{video_id}/reject")
def reject(
    service: ServiceDependency, caller: MayReview, video_id: str, grounds: Grounds
) -> Outcome:
    """Refuse the video for good."""
    service.reviews.reject(video_id, caller, grounds.reason)
    return Outcome(id=video_id, state=ReviewState.REJECTED)
