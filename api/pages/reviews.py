"""``/reviews``: the moderators' queue."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Scope
from api.caller import Caller
from api.db.cases import ReviewState
from api.pages.door import signed_in
from api.pages.render import PageRoute, page, picture
from api.routes.dependencies import ServiceDependency
from api.routes.review_schemas import ReviewObject
from api.texts import PlainText

router = APIRouter(prefix="/reviews", route_class=PageRoute, include_in_schema=False)

MayReview = Annotated[Caller, Depends(signed_in(Scope.REVIEW))]
Reason = Annotated[PlainText, Form(min_length=1, max_length=2000)]


@router.get("")
def queue(
    request: Request,
    service: ServiceDependency,
    caller: MayReview,
    state: ReviewState = ReviewState.OPEN,
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Open cases, the longest waiting first, or closed ones, the newest first."""
    found, more = service.reviews.page(caller.tenant, state=state, after=after, limit=20)
    return page(
        request,
        "reviews.html",
        cases=[ReviewObject.of(case) for case in found],
        more=more,
        state=state,
        states=list(ReviewState),
        caller=caller.actor,
    )


@router.get("/{video_id}")
def case(
    request: Request, service: ServiceDependency, caller: MayReview, video_id: str
) -> Response:
    """One case, whatever became of it."""
    found = ReviewObject.of(service.reviews.get(video_id, caller.tenant))
    return page(request, "review.html", case=found, caller=caller.actor)


@router.get("/{video_id}/frames")
def frames(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """The contact sheet of rendered frames that wait."""
    return picture(service.reviews.sheet(video_id, caller))


@router.get("/{video_id}/frames/blurred")
def blurred_frames(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """What is shown of it before a moderator asks."""
    return picture(service.reviews.blurred_sheet(video_id, caller))


@router.post("/{video_id}/claim")
def claim(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """Keep a case from other moderators for 15 minutes."""
    service.reviews.claim(video_id, caller)
    return RedirectResponse(f"/reviews/{video_id}", status_code=303)


@router.post("/{video_id}/release")
def release(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """Give a claimed case back."""
    service.reviews.release(video_id, caller)
    return _to_queue()


@router.post("/{video_id}/approve")
def approve(
    service: ServiceDependency, caller: MayReview, video_id: str, reason: Reason
) -> Response:
    """Let the video go on."""
    service.reviews.approve(video_id, caller, reason)
    return _to_queue()


@router.post("/{video_id}/reject")
def reject(
    service: ServiceDependency, caller: MayReview, video_id: str, reason: Reason
) -> Response:
    """Refuse the video for good."""
    service.reviews.reject(video_id, caller, reason)
    return _to_queue()


def _to_queue() -> Response:
    return RedirectResponse("/reviews", status_code=303)
