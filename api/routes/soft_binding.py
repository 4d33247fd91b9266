"""C2PA Soft Binding Resolution API: from a video that lost its manifest back to the manifest.

The routes of the groups query, fetch and service, as the OpenAPI document of C2PA 2.4 has them
(Soft Binding API, section 1.4). Its optional `/matches/byReference` is left out: nothing here ever
fetches an address that a stranger names. Nor can anybody store a manifest.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from api.db import videos
from api.errors import MalformedError, NotFoundError, UnsupportedMediaError
from api.routes.dependencies import ServiceDependency, may_verify
from api.routes.examination import Guard, admitted, examine, uploaded_body
from api.service import Service
from api.settings import Settings
from provenance.report import FingerprintEvidence
from provenance.watermark import ALGORITHM

_MARK_BYTES = 8
_LONGEST_VALUE = 4 * _MARK_BYTES
_LABEL = re.compile(r"urn:c2pa:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ASSET_TYPES = ("video/", "image/", "application/octet-stream")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_ASSET_BODY = {
    "requestBody": {
        "required": True,
        "content": {"video/*": _BINARY, "image/*": _BINARY, "application/octet-stream": _BINARY},
    }
}


class Binding(BaseModel):
    """A soft binding: what a detector read, as base64."""

    model_config = ConfigDict(extra="forbid")

    alg: str = Field(max_length=128)
    value: str = Field(max_length=_LONGEST_VALUE)


class BindingQuery(Binding):
    """The same in a query string."""

    max_results: int = Field(default=10, ge=1, alias="maxResults")


class Match(BaseModel):
    """A manifest that `/manifests/{manifestId}` has."""

    manifest_id: str = Field(serialization_alias="manifestId")
    similarity_score: int | None = Field(
        default=None,
        serialization_alias="similarityScore",
        ge=0,
        le=100,
        description="how much of the pictures are those of the released video",
    )


class Matches(BaseModel):
    """The manifests of a soft binding, the best match first."""

    matches: list[Match]


class Algorithm(BaseModel):
    """A soft binding algorithm by its name in C2PA's list."""

    alg: str


class SupportedAlgorithms(BaseModel):
    """What can be asked for."""

    watermarks: list[Algorithm]
    fingerprints: list[Algorithm]


class _Route(APIRoute):
    """A route that answers 400 to a request that does not fit, as C2PA's document has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_specified(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                wrong = (f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
                raise MalformedError("; ".join(wrong)) from error

        return handle_as_specified


MaxResults = Annotated[int, Query(alias="maxResults", ge=1)]


def make_router(settings: Settings) -> APIRouter:
    """The routes, with the operator's upload limit."""
    router = APIRouter(
        route_class=_Route, tags=["soft binding"], dependencies=[Depends(may_verify)]
    )

    @router.get("/matches/byBinding", response_model_exclude_none=True)
    def query_by_binding(
        service: ServiceDependency, binding: Annotated[BindingQuery, Query()]
    ) -> Matches:
        """The manifest that a mark stands for; none if no released video carries it."""
        return _by_binding(service, binding)

    @router.post("/matches/byBinding", response_model_exclude_none=True)
    def query_by_large_binding(service: ServiceDependency, binding: Binding) -> Matches:
        """The same, with the binding in the body; `maxResults` is never exceeded."""
        return _by_binding(service, binding)

    @router.post(
        "/matches/byContent",
        openapi_extra=_ASSET_BODY,
        response_model_exclude_none=True,
        max_body_size=settings.verify_max_bytes,
    )
    async def query_by_content(
        request: Request,
        service: ServiceDependency,
        guard: Annotated[Guard, Depends(admitted)],
        alg: Annotated[str | None, Query(max_length=128)] = None,
        max_results: MaxResults = 10,
    ) -> Matches:
        """The manifests of the videos whose marks the uploaded video or picture carries, then those
        of videos that look the same.

        The mark that covers most of it comes first; one pasted onto other pictures counts for
        nothing. `hintAlg` and `hintValue` change nothing: the marks are read anyway.
        """
        if alg is not None:
            _require_ours(alg)
        kind = request.headers.get("content-type", "").strip().lower()
        if not kind.startswith(_ASSET_TYPES):
            raise UnsupportedMediaError("Send a video or a picture, and say so in Content-Type.")
        async with uploaded_body(request) as upload:
            return await guard.run(lambda: _by_content(service, upload, max_results))

    @router.get(
        "/manifests/{manifest_id}",
        response_class=Response,
        responses={200: {"content": {"application/c2pa": _BINARY}}},
    )
    def get_manifest(service: ServiceDependency, manifest_id: str) -> Response:
        """The manifest store that a video was released with (JUMBF).

        `returnActiveManifest` changes nothing: the active manifest is the only one in it.
        """
        if not _LABEL.fullmatch(manifest_id):
            raise MalformedError("Manifest ids look like urn:c2pa:<uuid>.", param="manifestId")
        with service.database.transaction() as session:
            manifest = videos.released_manifest(session, manifest_id)
        if manifest is None:
            raise NotFoundError("There is no such manifest.")
        name = manifest_id.rpartition(":")[2]
        disposition = f'attachment; filename="{name}.c2pa"'
        return Response(
            manifest,
            media_type="application/c2pa",
            headers={"Content-Disposition": disposition},
        )

    @router.get("/services/supportedAlgorithms")
    def supported_algorithms() -> SupportedAlgorithms:
        """The names of the soft binding algorithms that can be asked for."""
        return SupportedAlgorithms(watermarks=[Algorithm(alg=ALGORITHM)], fingerprints=[])

    return router


def _require_ours(alg: str) -> None:
    if alg != ALGORITHM:
        raise MalformedError(
            f"Only {ALGORITHM} is supported.", param="alg", code="unsupported_algorithm"
        )


def _by_binding(service: Service, binding: Binding) -> Matches:
    _require_ours(binding.alg)
    try:
        value = base64.b64decode(binding.value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("value: not base64.", param="value") from error
    if len(value) != _MARK_BYTES:
        raise MalformedError(f"value: a mark has {_MARK_BYTES} bytes.", param="value")
    record = service.registry.by_mark(int.from_bytes(value, "big"))
    matches = [Match(manifest_id=record.manifest_label)] if record else []
    return Matches(matches=matches)


def _by_content(service: Service, upload: IO[bytes], limit: int) -> Matches:
    report = examine(service, upload).report
    if report.verdict == "unreadable":
        raise UnsupportedMediaError(report.summary)
    frames = Counter[str]()
    for segment in report.segments:
        if segment.video_id is not None:
            frames[segment.video_id] += segment.end - segment.start
    looks = {each.video_id: each for each in report.fingerprints}
    alike = [each.video_id for each in looks.values() if each.looks == "same"]
    ids = [
        video_id
        for video_id in dict.fromkeys([*(video for video, _ in frames.most_common()), *alike])
        if video_id not in looks or looks[video_id].looks != "other"
    ]
    with service.database.transaction() as session:
        labels = videos.manifest_labels(session, ids)
    return Matches(
        matches=[
            Match(manifest_id=labels[each], similarity_score=_score(looks.get(each)))
            for each in ids[:limit]
            if each in labels
        ]
    )


def _score(looks: FingerprintEvidence | None) -> int | None:
    """Of 100; None where the pictures were not compared, or tell nothing."""
    return None if looks is None or looks.looks == "unclear" else round(100 * looks.score)
