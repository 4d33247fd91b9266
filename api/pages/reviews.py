"""``/reviews``: the moderators' queue."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Scope
from api.caller import Caller
from api.pages.door import signed_in
from api.pages.render import PageRoute, page
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
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Open cases, the longest waiting first."""
    rows, more = service.reviews.page(caller.tenant, after=after, limit=20)
    cases = [ReviewObject.of(review, video) for review, video in rows]
    opened = {video.id: review.opened_at for review, video in rows}
    return page(request, "reviews.html", cases=cases, opened=opened, more=more, caller=caller.actor)


@router.post("/{video_id}/claim")
def claim(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """Keep a case from other moderators for 15 minutes."""
    service.reviews.claim(video_id, caller)
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
