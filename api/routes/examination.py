"""What `/v1/verify`, the page `/verify` and `/matches/byContent` share: one way in for strangers'
files, one guard before it, one way to examine them."""

import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

import anyio
from fastapi import Request
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
    UnavailableError,
)
from api.events import FileVerified
from api.metrics import VERIFICATIONS
from api.service import Service
from api.settings import Settings
from provenance.media import LimitExceeded, MediaError, Refused
from provenance.phrases import Language
from provenance.verify import Report

ENVELOPE_BYTES = 2**16
"""What multipart may add around a file."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Examined:
    """A report, and the SHA-256 (hexadecimal) of the file that it is about."""

    report: Report
    sha256: str


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

    async def run(self, examine: Callable[[], _Answer]) -> _Answer:
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


@asynccontextmanager
async def uploaded_file(request: Request) -> AsyncIterator[IO[bytes]]:
    """The one field `file` of a form, which the parser spools to disk until the block ends."""
    try:
        form = await request.form()
    except HTTPException as error:
        if error.status_code != 400:
            raise
        raise MalformedError("The body could not be parsed.") from error
    try:
        items = form.multi_items()
        if len(items) != 1 or items[0][0] != "file" or not isinstance(items[0][1], UploadFile):
            raise InvalidRequestError("Send exactly one file, in the field `file`.", param="file")
        yield items[0][1].file
    finally:
        await form.close()


@asynccontextmanager
async def uploaded_body(request: Request) -> AsyncIterator[IO[bytes]]:
    """The whole body as a file without a name, until the block ends."""
    with tempfile.TemporaryFile() as file:
        async for chunk in request.stream():
            await anyio.to_thread.run_sync(file.write, chunk)
        yield file


def examine(service: Service, upload: IO[bytes], language: Language = "en") -> Examined:
    """Examine an upload, log that, and leave nothing of it behind; the report is in `language`.

    Raises TooLargeError beyond a limit, InvalidRequestError for a stream that is not examined, and
    UnavailableError where this machine lacks the room for it.
    """
    # Without a name, so that nothing is left even by a server that is killed.
    with tempfile.TemporaryFile() as file:
        upload.seek(0)
        shutil.copyfileobj(upload, file)
        file.flush()
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            report = service.verify(Path(f"/dev/fd/{file.fileno()}"), language)
        except LimitExceeded as error:
            raise TooLargeError(f"{error}.", param="file", code="limit_exceeded") from error
        except Refused as error:
            raise InvalidRequestError(
                f"This is not examined: {error}.", param="file", code="unsupported_video"
            ) from error
        except MediaError as error:
            raise UnavailableError(f"{error}.", param="file") from error
    VERIFICATIONS.labels(report.verdict).inc()
    with service.database.transaction() as session:
        events.append(
            session,
            FileVerified(sha256=sha256, verdict=report.verdict),
            tenant=events.PUBLIC,
            actor="public",  # who asked is nobody's business
            subject=report.video_id,
        )
    return Examined(report, sha256)
