"""``/v1/verify``: did this video come from here, and what was changed?"""

import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api import events
from api.errors import (
    InvalidRequestError,
    MalformedError,
    TooLargeError,
    TooManyRequestsError,
)
from api.events import FileVerified
from api.metrics import VERIFICATIONS
from api.routes.dependencies import ServiceDependency, may_verify
from api.service import Service
from api.settings import Settings
from provenance.media import LimitExceeded
from provenance.verify import Report, verify

_ENVELOPE_BYTES = 2**16  # what multipart adds around the file
_UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class Guard:
    """Keeps strangers' uploads from exhausting the service."""

    def __init__(self, settings: Settings) -> None:
        self._rate = parse(settings.verify_rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._slots = anyio.CapacityLimiter(settings.verify_concurrency)
        self._queue = settings.verify_queue

    def admit(self, client: str) -> None:
        """Count one upload of a client; raises TooManyRequestsError beyond the rate."""
        if not self._limiter.hit(self._rate, client):
            raise TooManyRequestsError(
                f"At most {self._rate}; try again later.",
                headers={"Retry-After": str(self._rate.get_expiry())},
            )

    async def run(self, examine: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Examine in a thread when it is this upload's turn.

        The threads are not those that serve other requests. Raises TooManyRequestsError when too
        many uploads wait already.
        """
        if self._slots.statistics().tasks_waiting >= self._queue:
            raise TooManyRequestsError("The verifier is busy.", headers={"Retry-After": "10"})
        return await anyio.to_thread.run_sync(examine, limiter=self._slots)


def admitted(request: Request) -> Guard:
    """The guard, after it counted this client."""
    guard: Guard = request.app.state.verify_guard
    guard.admit(request.client.host if request.client else "unknown")
    return guard


def make_router(settings: Settings) -> APIRouter:
    """The route, with the operator's upload limit."""
    router = APIRouter(prefix="/v1/verify", tags=["verify"])
    limit = settings.verify_max_bytes + _ENVELOPE_BYTES

    @router.post(
        "",
        openapi_extra=_UPLOAD_BODY,
        max_body_size=limit,
        responses={200: {"model": Report}},
        dependencies=[Depends(may_verify)],
    )
    async def verify_file(
        request: Request,
        service: ServiceDependency,
        guard: Annotated[Guard, Depends(admitted)],
    ) -> dict[str, Any]:
        """Say where a video comes from: verdict, one plain sentence, and all the evidence.

        Works on any video, also on one that was re-encoded or stripped of its metadata. The upload
        is decoded in a confined process and deleted afterwards; only its digest is logged.
        """
        async with _upload(request) as upload:
            return await guard.run(lambda: _examine(service, upload))

    return router


@asynccontextmanager
async def _upload(request: Request) -> AsyncIterator[UploadFile]:
    """The one field `file`, which the form parser spools to disk until the block ends."""
    try:
        form = await request.form()
    except HTTPException as error:
        if error.status_code != 400:
            raise
        raise MalformedError("The body could not be parsed.") from error
    try:
        items = form.multi_items()
        if len(items) != 1 or items[0][0] != "file" or isinstance(items[0][1], str):
            raise InvalidRequestError("Send exactly one file, in the field `file`.", param="file")
        yield items[0][1]
    finally:
        await form.close()


def _examine(service: Service, upload: UploadFile) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(prefix="signet-upload-") as file:
        shutil.copyfileobj(upload.file, file)
        file.flush()
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            report = verify(
                Path(file.name),
                service.registry,
                keys=service.keyring.watermark_keys,
                trust=service.keyring.trust,
                limits=service.settings.verify_limits,
            )
        except LimitExceeded as error:
            raise TooLargeError(f"{error}.", param="file", code="limit_exceeded") from error
    VERIFICATIONS.labels(report.verdict).inc()
    with service.database.transaction() as session:
        events.append(
            session,
            FileVerified(sha256=sha256, verdict=report.verdict),
            tenant=events.PUBLIC,
            actor="public",  # who asked is nobody's business
            subject=report.video_id,
        )
    return report.to_dict()
