"""``/v1/reviews``: the moderators' queue."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import Scope
from api.caller import Caller
from api.db.cases import ReviewState
from api.routes.dependencies import ServiceDependency, require
from api.routes.review_schemas import Grounds, Outcome, ReviewList, ReviewObject

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

MayReview = Annotated[Caller, Depends(require(Scope.REVIEW))]


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
