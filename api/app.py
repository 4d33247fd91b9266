"""The HTTP application: routes, error bodies, request ids, and an optional worker inside."""

import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from api import __version__, errors
from api.db.videos import IllegalTransitionError
from api.pages import door, render
from api.pages import log as log_pages
from api.pages import reviews as review_pages
from api.pages import verify as verify_pages
from api.routes import (
    audit,
    consents,
    health,
    moderations,
    reviews,
    soft_binding,
    verify,
    videos,
)
from api.routes.examination import Guard
from api.service import Service

log = structlog.get_logger()

PROBLEM = "application/problem+json"
_CUT_OFF = "text/plain"  # what the body limit answers with when it stops reading
_MAX_BODY_BYTES = 2**20  # every body but an upload is a small document

_DESCRIPTION = """\
Text to video with moderation, an invisible watermark in every frame, a signed C2PA manifest and a
log. `POST /v1/videos` creates, `POST /v1/verify` tells where any video came from.
"""


def create_app(service: Service) -> FastAPI:
    """The application over an open service; whoever opened the service closes it."""
    app = FastAPI(
        title="Signet",
        version=__version__,
        description=_DESCRIPTION,
        responses={
            code: {"content": {PROBLEM: {"schema": errors.SCHEMA}}, "description": "Problem"}
            for code in ("4XX", "5XX")
        },
    )
    app.state.service = service
    app.state.verify_guard = Guard(service.settings)
    for router in (
        videos.router,
        moderations.router,
        verify.make_router(service.settings),
        soft_binding.make_router(service.settings),
        reviews.router,
        consents.router,
        audit.router,
        health.router,
        door.router,
        log_pages.router,
        review_pages.router,
        verify_pages.make_router(service.settings),
    ):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=render.FOLDER / "static"))
    # Added by hand, not by FastAPI's parameter, to lie inside the middleware that words its 413.
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=_MAX_BODY_BYTES)
    app.middleware("http")(_with_request_id)
    app.add_exception_handler(errors.ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(IllegalTransitionError, _illegal_transition)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal_error)
    return app


async def _with_request_id(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    request.state.request_id = f"req_{uuid.uuid4().hex}"
    with structlog.contextvars.bound_contextvars(request_id=request.state.request_id):
        response = await call_next(request)
        if response.status_code == 413 and response.headers["content-type"].startswith(_CUT_OFF):
            response = _cut_off(request)
        log.info(
            "request", method=request.method, path=request.url.path, status=response.status_code
        )
    response.headers["x-request-id"] = request.state.request_id
    response.headers["x-content-type-options"] = "nosniff"
    return response


def _cut_off(request: Request) -> Response:
    """In place of the middleware's plain text, for a body of which not all was read."""
    error = errors.TooLargeError("The body is too large.")
    if request.url.path == verify_pages.PATH:
        return verify_pages.problem(request, error)
    return _problem(request, error.status, error.title, error.message, error.code)


def _problem(
    request: Request,
    status: int,
    title: str,
    message: str,
    code: str,
    error: errors.ServiceError | None = None,
    param: str | None = None,
) -> JSONResponse:
    request_id = getattr(request.state, "request_id", None)
    extra = error.extra if error else None
    content = errors.body(
        status, title, message, code, param=param, request_id=request_id, extra=extra
    )
    headers = error.headers if error else None
    return JSONResponse(content, status, media_type=PROBLEM, headers=headers)


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ServiceError)
    return _problem(
        request, error.status, error.title, error.message, error.code, error, error.param
    )


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [each for one in error.errors() for each in _by_field(request, one)]
    params = [".".join(str(part) for part in one["loc"][1:]) for one in found]
    wrong = [f"{p}: {one['msg']}".removeprefix(": ") for p, one in zip(params, found, strict=True)]
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        wrong.append("send Content-Type: application/json")
    message = "; ".join(wrong)
    param = params[0] or None
    return _problem(request, 422, "Invalid request", message, "invalid_request", param=param)


def _by_field(request: Request, error: dict[str, Any]) -> list[dict[str, Any]]:
    """The error; in place of a whole body that is missing, the fields that it must have."""
    if (error["type"], error["loc"]) != ("missing", ("body",)):
        return [error]
    fields = request.scope["route"].body_field.field_info.annotation.model_fields
    return [
        error | {"loc": ("body", name)} for name, field in fields.items() if field.is_required()
    ]


async def _illegal_transition(request: Request, error: Exception) -> Response:
    return _problem(request, 409, "Conflict", f"{error}.", "conflict")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    response = _problem(
        request, error.status_code, title, str(error.detail), title.lower().replace(" ", "_")
    )
    response.headers.update(error.headers or {})
    return response


async def _internal_error(request: Request, error: Exception) -> Response:
    log.error("internal error", path=request.url.path, exc_info=error)
    message = "Something failed on our side; quote the request id to the operator."
    return _problem(request, 500, "Internal error", message, "internal_error")
