"""``/v1/reviews``: the moderators' queue."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Scope
from api.caller import Caller
from api.db.cases import ReviewState
from api.routes.dependencies import ServiceDependency, require
from api.routes.review_schemas import Grounds, Outcome, ReviewList, ReviewObject

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

MayReview = Annotated[Caller, Depends(require(Scope.REVIEW))]

_JPEG = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}


@router.get("")
def list_reviews(
    service: ServiceDependency,
    caller: MayReview,
    state: ReviewState = ReviewState.OPEN,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ReviewList:
    """The tenant's cases in one state: open ones by how long they wait, others by their decision,
    the newest first."""
    cases, more = service.reviews.page(caller.tenant, state=state, after=after, limit=limit)
    data = [ReviewObject.of(case) for case in cases]
    return ReviewList(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=more,
    )


@router.get("/{video_id}")
def get_review(service: ServiceDependency, caller: MayReview, video_id: str) -> ReviewObject:
    """One case, and what was decided about it."""
    return ReviewObject.of(service.reviews.get(video_id, caller.tenant))


@router.get("/{video_id}/frames", response_class=Response, responses={200: {"content": _JPEG}})
def get_frames(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """A contact sheet of the rendered frames that wait: at most 24 of them with their times.

    That you were shown it is logged. 404 for a case that is about a prompt; 410 once the case is
    decided.
    """
    jpeg = service.reviews.sheet(video_id, caller)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/{video_id}/claim")
def claim(service: ServiceDependency, caller: MayReview, video_id: str) -> Outcome:
    """Keep a case from other moderators for 15 minutes."""
    service.reviews.claim(video_id, caller)
    return Outcome(id=video_id, state=ReviewState.OPEN)


@router.post("/{video_id}/release")
def release(service: ServiceDependency, caller: MayReview, video_id: str) -> Outcome:
    """Give a case that you have claimed back to the queue."""
    service.reviews.release(video_id, caller)
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
