"""The first page, and signing in with an API key, which the browser keeps in a cookie until it is
closed."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Scope
from api.caller import Caller
from api.errors import UnauthorizedError
from api.pages.render import PageRoute, page
from api.routes.dependencies import ServiceDependency, caller_with, key_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_COOKIE = "signet_key"
_PAGES = r"^(/(log|reviews|verify)(/[A-Za-z0-9_-]+){0,3})?$"


@router.get("/")
def start(request: Request) -> Response:
    """What there is here, for people."""
    return page(request, "start.html")


@router.get("/login")
def door(request: Request, next: Annotated[str, Query(pattern=_PAGES)] = "") -> Response:
    """The form that asks for a key."""
    return page(request, "login.html", next=next, wrong=False)


@router.post("/login")
def enter(
    request: Request,
    service: ServiceDependency,
    key: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form(pattern=_PAGES)] = "",
) -> Response:
    """Go on with a good key, to where its owner wanted to go or to the first page that it opens."""
    try:
        scopes = key_of(service, key.strip()).scopes
    except UnauthorizedError:
        return page(request, "login.html", status=401, next=next, wrong=True)
    first = "/reviews" if Scope.REVIEW in scopes and Scope.AUDIT not in scopes else "/log"
    response = RedirectResponse(next or first, status_code=303)
    response.set_cookie(
        _COOKIE,
        key.strip(),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
def leave() -> Response:
    """Forget the key."""
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(_COOKIE, httponly=True, samesite="strict")
    return response


def signed_in(scope: Scope) -> Callable[..., Caller]:
    """A dependency that admits only people whose key has ``scope``."""

    def dependency(request: Request, service: ServiceDependency) -> Caller:
        key = key_of(service, key_in(request))
        request.state.scopes = key.scopes  # for the menu
        return caller_with(key, scope)

    return dependency


def key_in(request: Request) -> str | None:
    """The key that the browser keeps, if it signed in."""
    return request.cookies.get(_COOKIE)
