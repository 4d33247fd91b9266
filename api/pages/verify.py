"""``/verify``: anybody's question where a video comes from, and the answer under a link.

No file, and no picture of one, is kept: what the visitor sees of it comes from their own disk.
"""

from datetime import timedelta
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Scope
from api.db import reports, videos
from api.db.models import Asset, KeptReport
from api.errors import NotFoundError, ServiceError
from api.pages.door import key_in
from api.pages.render import PageRoute, page
from api.pages.report_view import comes_from_here, timeline
from api.pages.words import LANGUAGES, language_of, words
from api.routes.dependencies import ServiceDependency, caller_of
from api.routes.examination import (
    ENVELOPE_BYTES,
    Guard,
    admitted,
    examine,
    uploaded_file,
)
from api.service import Service
from api.settings import Settings
from provenance.phrases import Language

PATH = "/verify"


def may_use(request: Request, service: ServiceDependency) -> None:
    """Anybody may, unless the operator asks for keys: then only who signed in with one."""
    if service.settings.verify_requires_key:
        caller_of(service, key_in(request), Scope.VERIFY)


def find_report(service: ServiceDependency, report_id: str) -> KeptReport:
    """The report behind a link; raises NotFoundError."""
    with service.database.transaction() as session:
        kept = reports.find(session, report_id)
    if kept is None:
        raise NotFoundError("There is no such report, or it has expired.")
    return kept


FoundReport = Annotated[KeptReport, Depends(find_report)]


class PublicRoute(PageRoute):
    """A page for people who have no key: its errors are told in their language."""

    def show_error(self, request: Request, error: ServiceError) -> Response:
        """What went wrong, and the way back to the form."""
        return problem(request, error)


def problem(request: Request, error: ServiceError) -> Response:
    """The page that says what went wrong."""
    return _page(request, "verify_problem.html", status=error.status, error=error)


def make_router(settings: Settings) -> APIRouter:
    """The pages, with the operator's upload limit."""
    router = APIRouter(prefix=PATH, route_class=PublicRoute, include_in_schema=False)

    @router.get("", dependencies=[Depends(may_use)])
    def form(request: Request) -> Response:
        """The form that takes a file."""
        return _page(request, "verify.html", limits=settings.verify_limits)

    @router.post(
        "",
        max_body_size=settings.verify_max_bytes + ENVELOPE_BYTES,
        dependencies=[Depends(may_use)],
    )
    async def verify(
        request: Request, service: ServiceDependency, guard: Annotated[Guard, Depends(admitted)]
    ) -> Response:
        """Examine the file, keep the report, and lead to it."""
        async with uploaded_file(request) as upload:
            language = language_of(request)
            kept = await guard.run(lambda: _examine(service, upload, language))
        asked = f"?lang={language}" if "lang" in request.query_params else ""
        return RedirectResponse(f"{PATH}/{kept}{asked}", status_code=303)

    @router.get("/{report_id}")
    def report(request: Request, service: ServiceDependency, kept: FoundReport) -> Response:
        """The report, in the reader's language."""
        return _page(
            request,
            "verify_report.html",
            kept=kept,
            report=kept.report,
            is_ours=comes_from_here(kept.report),
            timeline=timeline(kept.report),
            shows_released=_released(service, kept) is not None,
        )

    @router.get("/{report_id}/released.jpg")
    def released(service: ServiceDependency, kept: FoundReport) -> Response:
        """A picture of the released video that the file comes from, if the operator shows it."""
        asset = _released(service, kept)
        if asset is None:
            raise NotFoundError("There is no picture.")
        with service.storage.local_copy(asset.thumbnail_key) as path:
            return Response(path.read_bytes(), media_type="image/jpeg")

    return router


def _page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    language = language_of(request)
    return page(
        request,
        template,
        status=status,
        t=words(language),
        language=language,
        languages=LANGUAGES,
        **values,
    )


def _examine(service: Service, upload: IO[bytes], language: Language) -> str:
    """Examine a file and keep the report; returns its id."""
    examined = examine(service, upload, language)
    with service.database.transaction() as session:
        return reports.keep(
            session,
            examined.report.to_dict(),
            sha256=examined.sha256,
            language=language,
            lifetime=timedelta(days=service.settings.verify_report_days),
        ).id


def _released(service: Service, kept: KeptReport) -> Asset | None:
    """The file whose picture may be shown: the operator allows it, the report proves that the
    upload comes from it, and its owner has not deleted it."""
    if not service.settings.verify_shows_released or not comes_from_here(kept.report):
        return None
    with service.database.transaction() as session:
        if not videos.released_objects(session, kept.report["video_id"]):
            return None
        return videos.asset(session, kept.report["video_id"])
