"""``/v1/videos``: create, watch, download, cancel and delete."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.auth import Scope
from api.caller import Caller
from api.db import videos
from api.db.models import Asset, Video
from api.engine import Progress
from api.errors import ConflictError, MalformedError, NotFoundError
from api.events import VideoDownloaded
from api.intake import Order
from api.routes.dependencies import ServiceDependency, require
from api.routes.review_schemas import Grounds
from api.routes.schemas import (
    CreateVideo,
    DeletedVideo,
    VideoEvent,
    VideoList,
    VideoObject,
)
from api.service import Service
from api.statement import StatementOfReasons, statement_of_reasons
from api.states import State

router = APIRouter(prefix="/v1/videos", tags=["videos"])

MayGenerate = Annotated[Caller, Depends(require(Scope.GENERATE))]

_WATCH_SECONDS = 0.5
_EVENT_FIELDS = ", ".join(VideoEvent.model_fields)
_CREATE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": CreateVideo.model_json_schema()}
            for kind in ("application/json", "multipart/form-data")
        },
    }
}


async def read_order(request: Request, _caller: MayGenerate) -> Order:
    """The order in a JSON or form body; the client library of the de-facto API sends forms."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            fields = await request.json()
        elif kind == "multipart/form-data":
            async with request.form() as form:
                fields = dict(form)
        else:
            raise MalformedError("Send application/json or multipart/form-data.")
    except (ValueError, RecursionError, HTTPException) as error:
        if isinstance(error, HTTPException) and error.status_code != 400:
            raise
        raise MalformedError("The body could not be parsed.") from error
    try:
        return CreateVideo.model_validate(fields).order()
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise RequestValidationError(
            [{**one, "loc": ("body", *one["loc"])} for one in found]
        ) from error


def find_video(video_id: str, service: ServiceDependency, caller: MayGenerate) -> Video:
    """The caller's video; raises NotFoundError, also for somebody else's."""
    with service.database.transaction() as session:
        video = videos.find(session, caller.tenant, video_id)
    if video is None:
        raise NotFoundError("There is no such video.")
    return video


FoundVideo = Annotated[Video, Depends(find_video)]


@router.post("", openapi_extra=_CREATE_BODY)
def create_video(
    service: ServiceDependency,
    caller: MayGenerate,
    order: Annotated[Order, Depends(read_order)],
    idempotency_key: Annotated[str | None, Header(max_length=255, min_length=1)] = None,
) -> VideoObject:
    """Create a video.

    The prompt is moderated before anything is rendered: a refused one answers 400 with the code
    `moderation_blocked`; a doubtful one is held for a moderator. With an `Idempotency-Key`, a
    repeated request returns the same video instead of making another.
    """
    return VideoObject.of(service.intake.create(order, caller, idempotency_key))


@router.get("")
def list_videos(
    service: ServiceDependency,
    caller: MayGenerate,
    after: Annotated[str | None, Query(description="Id of the last video of the page before.")] = (
        None
    ),
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
) -> VideoList:
    """The caller's videos by creation time, newest first."""
    with service.database.transaction() as session:
        cursor = None if after is None else videos.find(session, caller.tenant, after)
        if after is not None and cursor is None:
            raise NotFoundError("There is no such video to start after.", param="after")
        rows, more = videos.page(session, caller.tenant, after=cursor, limit=limit, order=order)
    data = [_view(service, video) for video in rows]
    return VideoList(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=more,
    )


@router.get("/{video_id}")
def get_video(service: ServiceDependency, video: FoundVideo) -> VideoObject:
    """A video and its progress."""
    return _view(service, video)


@router.get(
    "/{video_id}/content",
    response_class=FileResponse,
    responses={200: {"content": {"video/mp4": {}, "image/jpeg": {}}}, 206: {}, 307: {}},
)
def download_video(
    service: ServiceDependency,
    caller: MayGenerate,
    video: FoundVideo,
    variant: Literal["video", "thumbnail"] = "video",
) -> Response:
    """The finished file; understands Range requests."""
    with service.database.transaction() as session:
        asset = videos.asset(session, video.id)
        if asset is None or video.state != State.COMPLETED:
            status = VideoObject.of(video).status
            raise ConflictError(f"The video is {status}, not completed.")
        caller.log(
            session,
            VideoDownloaded(variant=variant),
            subject=video.id,
        )
    return _file(service, video, asset, variant)


@router.post("/{video_id}/cancel")
def cancel_video(service: ServiceDependency, caller: MayGenerate, video: FoundVideo) -> VideoObject:
    """Cancel a video that is not finished; a running render stops at its next denoising step."""
    service.intake.cancel(video.id, caller)
    return get_video(service, find_video(video.id, service, caller))


@router.get("/{video_id}/statement")
def get_statement(service: ServiceDependency, video: FoundVideo) -> StatementOfReasons:
    """Why a prompt was held or refused, who decided it, and how to appeal."""
    return statement_of_reasons(video, appealed=service.reviews.is_appealed(video.id))


@router.post("/{video_id}/appeal")
def appeal(
    service: ServiceDependency, caller: MayGenerate, video: FoundVideo, grounds: Grounds
) -> StatementOfReasons:
    """Ask a person to decide on a video that the classifier refused; once."""
    service.reviews.appeal(video.id, caller, grounds.reason)
    return statement_of_reasons(video, appealed=True)


@router.delete("/{video_id}")
def delete_video(
    service: ServiceDependency, caller: MayGenerate, video: FoundVideo
) -> DeletedVideo:
    """Delete the file and erase the prompt; an unfinished video is cancelled first.

    The record stays, so that copies which are already out can still be verified.
    """
    service.intake.delete(video.id, caller)
    service.storage.delete_all(f"videos/{video.id}/")
    return DeletedVideo(id=video.id)


@router.get(
    "/{video_id}/events",
    response_class=EventSourceResponse,
    responses={200: {"description": f"Each event's data is a VideoEvent: {_EVENT_FIELDS}."}},
)
async def watch_video(
    service: ServiceDependency, caller: MayGenerate, video: FoundVideo
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events until the video is finished: queue position, stage, step of total."""
    last = None
    while True:
        event = await run_in_threadpool(_event, service, video)
        if event != last:
            yield ServerSentEvent(event="progress", data=event)
        if event.status in ("completed", "failed", "cancelled"):
            return
        last = event
        await asyncio.sleep(_WATCH_SECONDS)
        try:
            video = await run_in_threadpool(find_video, video.id, service, caller)
        except NotFoundError:  # deleted while we watched
            gone = event.model_copy(update={"status": "cancelled"})
            yield ServerSentEvent(event="progress", data=gone)
            return


def _progress(service: Service, video: Video) -> Progress | None:
    started = video.state in (State.IN_PROGRESS, State.COMPLETED)
    return service.jobs.progress(video.id) if started else None


def _view(service: Service, video: Video) -> VideoObject:
    return VideoObject.of(video, _progress(service, video))


def _event(service: Service, video: Video) -> VideoEvent:
    progress = _progress(service, video)
    view = VideoObject.of(video, progress)
    position = None
    if video.state == State.QUEUED:
        with service.database.transaction() as session:
            position = videos.queue_position(session, video)
    return VideoEvent(
        status=view.status,
        stage=view.stage,
        queue_position=position,
        step=progress.step if progress else 0,
        total=progress.total if progress else 0,
        error=view.error,
    )


def _file(service: Service, video: Video, asset: Asset, variant: str) -> Response:
    key, kind, suffix = (
        (asset.object_key, "video/mp4", "mp4")
        if variant == "video"
        else (asset.thumbnail_key, "image/jpeg", "jpg")
    )
    path = service.storage.local_path(key)
    if path is None:
        return RedirectResponse(service.storage.signed_url(key))
    return FileResponse(path, media_type=kind, filename=f"{video.id}.{suffix}")
