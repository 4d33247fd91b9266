"""How a page is answered: templates, headers that let nothing foreign in, no forms of other sites,
errors as HTML."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates

from api.errors import ForbiddenError, InvalidRequestError, ServiceError, UnauthorizedError
from api.texts import visible_lines

FOLDER = Path(__file__).parent
_templates = Jinja2Templates(FOLDER / "templates")
_templates.env.filters["visible"] = visible_lines
_templates.env.filters["utc"] = partial(datetime.fromtimestamp, tz=UTC)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SECTIONS = {"/log": "the log", "/reviews": "the review queue"}


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """The template of that name, filled in."""
    return _templates.TemplateResponse(
        request, template, values, status_code=status, headers=_HEADERS
    )


def picture(jpeg: bytes) -> Response:
    """A JPEG that a page shows."""
    return Response(jpeg, media_type="image/jpeg", headers=_HEADERS)


class PageRoute(APIRoute):
    """A route that only our own pages can post to, and whose errors are pages too; without a good
    key it leads to the door."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with errors made readable for people."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                if request.method == "POST" and _is_from_elsewhere(request):
                    raise ForbiddenError(
                        "This was sent from another site.", code="from_another_site"
                    )
                return await handle(request)
            except UnauthorizedError:
                wanted = request.url.path
                if request.method == "POST":  # what was typed is lost: back to where it was
                    wanted = "/" + wanted.split("/")[1]
                return RedirectResponse(f"/login?{urlencode({'next': wanted})}", status_code=303)
            except ServiceError as error:
                told = error
            except RequestValidationError as error:
                wrong = (f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
                told = InvalidRequestError("; ".join(wrong))
            response = self.show_error(request, told)
            response.headers.update(told.headers)
            return response

        return handle_for_people

    def show_error(self, request: Request, error: ServiceError) -> Response:
        """The page that says what went wrong, and leads on."""
        back, place = _back(request.url.path)
        return page(
            request,
            "error.html",
            status=error.status,
            title=error.title,
            message=error.message,
            wants_key=error.code == ForbiddenError.code,
            back=back,
            place=place,
        )


def _back(path: str) -> tuple[str, str]:
    """From a page that cannot be shown: the link, and where it leads to."""
    for section, place in _SECTIONS.items():
        if path == section or path.startswith(f"{section}/"):
            return section, place
    return "/login", "the sign-in page"


def _is_from_elsewhere(request: Request) -> bool:
    """Whether a browser says that it sends a form of another site's page."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("origin")  # all that browsers tell a server without TLS
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
