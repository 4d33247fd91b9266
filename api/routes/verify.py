"""``/v1/verify``: did this video come from here, and what was changed?"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from api.db import reports
from api.errors import NotFoundError
from api.routes.dependencies import ServiceDependency, may_verify
from api.routes.examination import ENVELOPE_BYTES, Guard, admitted, examine, uploaded_file
from api.settings import Settings
from provenance.phrases import Language
from provenance.verify import Report

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


class KeptReportObject(BaseModel):
    """A report that the page `/verify` made, until it expires."""

    id: str
    created_at: str = Field(description="RFC 3339")
    expires_at: str = Field(description="RFC 3339")
    sha256: str = Field(description="of the file that was examined")
    language: str = Field(description="of the report's sentences")
    report: dict[str, Any] = Field(description="as `POST /v1/verify` answered at that time")


def make_router(settings: Settings) -> APIRouter:
    """The routes, with the operator's upload limit."""
    router = APIRouter(prefix="/v1/verify", tags=["verify"])
    limit = settings.verify_max_bytes + ENVELOPE_BYTES

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
        lang: Annotated[Language, Query(description="of the sentences")] = "en",
    ) -> dict[str, Any]:
        """Say where a video comes from: verdict, one plain sentence, and all the evidence.

        Works on any video, also on one that was re-encoded or stripped of its metadata. The upload
        is decoded in a confined process and deleted afterwards; only its digest is logged.
        """
        async with uploaded_file(request) as upload:
            examined = await guard.run(lambda: examine(service, upload, lang))
        return examined.report.to_dict()

    @router.get("/reports/{report_id}")
    def kept_report(service: ServiceDependency, report_id: str) -> KeptReportObject:
        """The report behind a link of the page `/verify`; whoever has the link may read it."""
        with service.database.transaction() as session:
            kept = reports.find(session, report_id)
        if kept is None:
            raise NotFoundError("There is no such report, or it has expired.")
        return KeptReportObject(
            id=kept.id,
            created_at=kept.created_at.isoformat(),
            expires_at=kept.expires_at.isoformat(),
            sha256=kept.sha256,
            language=kept.language,
            report=kept.report,
        )

    return router
