"""``/reviews``: the moderators' queue."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from api.auth import Scope
from api.caller import Caller
from api.db.cases import ReviewState
from api.errors import ConflictError, InvalidRequestError, NotFoundError, ServiceError
from api.pages.door import signed_in
from api.pages.render import PageRoute, page, picture
from api.reviews import Case
from api.routes.dependencies import ServiceDependency
from api.routes.review_schemas import Grounds, ReviewDecision, ReviewObject
from api.service import Service

router = APIRouter(prefix="/reviews", route_class=PageRoute, include_in_schema=False)

MayReview = Annotated[Caller, Depends(signed_in(Scope.REVIEW))]
Reason = Annotated[str, Form()]


@router.get("")
def queue(
    request: Request,
    service: ServiceDependency,
    caller: MayReview,
    state: ReviewState = ReviewState.OPEN,
    after: Annotated[str | None, Query(max_length=64)] = None,
    decided: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Open cases, the longest waiting first, or closed ones, the newest decision first; and what
    this moderator has just decided."""
    found, more = service.reviews.page(caller.tenant, state=state, after=after, limit=20)
    return page(
        request,
        "reviews.html",
        cases=[ReviewObject.of(case) for case in found],
        more=more,
        state=state,
        states=list(ReviewState),
        decided=decided and _last_decision(service, caller, decided),
        **_views(service, caller, found),
    )


@router.get("/{video_id}")
def case(
    request: Request, service: ServiceDependency, caller: MayReview, video_id: str
) -> Response:
    """One case, whatever became of it."""
    return _show(request, service, caller, video_id)


@router.get("/{video_id}/frames")
def frames(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """The contact sheet of rendered frames that wait."""
    return picture(service.reviews.sheet(video_id, caller))


@router.get("/{video_id}/frames/blurred")
def blurred_frames(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """What is shown of it before a moderator asks."""
    return picture(service.reviews.blurred_sheet(video_id, caller))


@router.post("/{video_id}/claim")
def claim(
    request: Request,
    service: ServiceDependency,
    caller: MayReview,
    video_id: str,
    reason: Reason = "",
) -> Response:
    """Keep a case from other moderators for 15 minutes."""
    try:
        service.reviews.claim(video_id, caller)
    except ConflictError as error:
        return _show(request, service, caller, video_id, error=error, reason=reason)
    if reason:  # what was typed stays
        return _show(request, service, caller, video_id, reason=reason)
    return RedirectResponse(f"/reviews/{video_id}", status_code=303)


@router.post("/{video_id}/release")
def release(service: ServiceDependency, caller: MayReview, video_id: str) -> Response:
    """Give a claimed case back."""
    service.reviews.release(video_id, caller)
    return RedirectResponse("/reviews", status_code=303)


@router.post("/{video_id}/approve")
def approve(
    request: Request,
    service: ServiceDependency,
    caller: MayReview,
    video_id: str,
    reason: Reason = "",
) -> Response:
    """Let the video go on."""
    return _decide(service.reviews.approve, request, service, caller, video_id, reason)


@router.post("/{video_id}/reject")
def reject(
    request: Request,
    service: ServiceDependency,
    caller: MayReview,
    video_id: str,
    reason: Reason = "",
) -> Response:
    """Refuse the video for good."""
    return _decide(service.reviews.reject, request, service, caller, video_id, reason)


def _decide(
    decide: Callable[[str, Caller, str], object],
    request: Request,
    service: Service,
    caller: Caller,
    video_id: str,
    reason: str,
) -> Response:
    """Lead back to the queue, or show the case again with what was typed and what is wrong."""
    try:
        decide(video_id, caller, _required(reason))
    except (ConflictError, InvalidRequestError) as error:
        return _show(request, service, caller, video_id, error=error, reason=reason)
    return RedirectResponse(f"/reviews?decided={video_id}", status_code=303)


def _required(reason: str) -> str:
    """As the API takes it. Browsers count a line's end as one character, and send two."""
    try:
        return Grounds(reason=reason.replace("\r\n", "\n")).reason
    except ValidationError as error:
        wrong = "; ".join(each["msg"] for each in error.errors())
        raise InvalidRequestError(f"Reason: {wrong}.", param="reason") from error


def _show(
    request: Request,
    service: Service,
    caller: Caller,
    video_id: str,
    *,
    error: ServiceError | None = None,
    reason: str = "",
) -> Response:
    found = service.reviews.get(video_id, caller.tenant)
    return page(
        request,
        "review.html",
        status=error.status if error else 200,
        case=ReviewObject.of(found),
        error=error,
        reason=reason,
        **_views(service, caller, [found]),
    )


def _views(service: Service, caller: Caller, found: list[Case]) -> dict[str, Any]:
    """What of these cases depends on who looks at them."""
    waiting = [case for case in found if case.review.state == ReviewState.OPEN]
    return {
        "caller": caller.actor,
        "four_eyes": service.settings.review_four_eyes,
        "bars": service.reviews.bars(waiting, caller),
    }


def _last_decision(
    service: Service, caller: Caller, video_id: str
) -> tuple[ReviewObject, ReviewDecision] | None:
    """The case and the last decision about it, if that was this moderator's."""
    try:
        case = ReviewObject.of(service.reviews.get(video_id, caller.tenant))
    except NotFoundError:
        return None
    last = case.decisions[-1] if case.decisions else None
    return (case, last) if last and last.by == caller.actor else None
