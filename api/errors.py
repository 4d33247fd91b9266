"""Every error the service answers, with its HTTP status.

The body carries both the members of RFC 9457 (problem details) and the ``error`` object that
clients of the de-facto video API read:

    {"type", "title", "status", "detail", "request_id", "error": {"message", "type", "code",
     "param"}, …}
"""

from typing import Any, ClassVar


class ServiceError(Exception):
    """An answer that is an error.

    ``param`` names the offending field; ``extra`` is merged into the body.
    """

    status: ClassVar[int]
    code: str
    title: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code or self.code
        self.extra = extra or {}
        self.headers = headers or {}


class InvalidRequestError(ServiceError):
    """The request cannot be served as it is."""

    status, code, title = 422, "invalid_request", "Invalid request"


class MalformedError(ServiceError):
    """The body could not be read at all."""

    status, code, title = 400, "malformed_request", "Malformed request"


class ModerationBlockedError(ServiceError):
    """The prompt was refused."""

    status, code, title = 400, "moderation_blocked", "Prompt refused"


class UnauthorizedError(ServiceError):
    """No valid key."""

    status, code, title = 401, "invalid_api_key", "Unauthorized"


class ForbiddenError(ServiceError):
    """The key lacks a scope."""

    status, code, title = 403, "missing_scope", "Forbidden"


class NotFoundError(ServiceError):
    """No such thing, or not the caller's."""

    status, code, title = 404, "not_found", "Not found"


class ConflictError(ServiceError):
    """Not in this state."""

    status, code, title = 409, "conflict", "Conflict"


class GoneError(ServiceError):
    """It was destroyed."""

    status, code, title = 410, "gone", "Gone"


class TooLargeError(ServiceError):
    """The upload is beyond a limit."""

    status, code, title = 413, "too_large", "Too large"


class UnsupportedMediaError(ServiceError):
    """The body is of no kind that is taken here."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class UnavailableError(ServiceError):
    """A part that the service needs does not answer."""

    status, code, title = 503, "unavailable", "Service unavailable"


class TooManyRequestsError(ServiceError):
    """A rate limit or quota was reached; carries Retry-After."""

    status, code, title = 429, "rate_limit_exceeded", "Too many requests"


def body(
    status: int,
    title: str,
    message: str,
    code: str,
    *,
    param: str | None = None,
    request_id: str | None = None,
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The one error body of the service."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": message,
        "request_id": request_id,
        "error": {"message": message, "type": kind, "code": code, "param": param},
        **(extra or {}),
    }


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "error"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "error": {
            "type": "object",
            "required": ["message", "type", "code", "param"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "code": {"type": ["string", "null"]},
                "param": {"type": ["string", "null"]},
            },
        },
    },
}
