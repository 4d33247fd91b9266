"""What routes ask for: the service, and a caller with the right scope."""

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api import auth
from api.auth import Scope
from api.caller import Caller
from api.db.models import ApiKey
from api.errors import ForbiddenError, UnauthorizedError
from api.service import Service

_bearer = HTTPBearer(auto_error=False, description="An API key: `sgn_…`")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def get_service(request: Request) -> Service:
    """The service this application was started with."""
    return cast(Service, request.app.state.service)


ServiceDependency = Annotated[Service, Depends(get_service)]


def key_of(service: Service, text: str | None) -> ApiKey:
    """The live key with this text; raises UnauthorizedError, and logs what was tried."""
    with service.database.transaction() as session:
        key = auth.find_key(session, text) if text else None
    if text and key is None:
        with service.database.writing() as session:
            auth.log_refusal(session, text)
    if key is None:
        raise UnauthorizedError(
            "Send a valid API key: `Authorization: Bearer sgn_…`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return key


def caller_of(service: Service, text: str | None, *scopes: Scope) -> Caller:
    """The caller behind a key with any of ``scopes``; raises UnauthorizedError or
    ForbiddenError."""
    return caller_with(key_of(service, text), *scopes)


def caller_with(key: ApiKey, *scopes: Scope) -> Caller:
    """The caller who has this live key; raises ForbiddenError unless it has any of ``scopes``."""
    if not set(scopes) & set(key.scopes):
        wanted = " or ".join(repr(scope.value) for scope in scopes)
        raise ForbiddenError(f"This key lacks the scope {wanted}.")
    return Caller(tenant=key.tenant, actor=f"key:{key.id}")


def require(*scopes: Scope) -> Callable[..., Caller]:
    """A dependency that admits only keys with one of ``scopes``."""

    def dependency(service: ServiceDependency, credentials: _Credentials) -> Caller:
        return caller_of(service, _text(credentials), *scopes)

    return dependency


def may_verify(service: ServiceDependency, credentials: _Credentials) -> None:
    """Anybody may verify, unless the operator asks for keys; a key that is sent must be good."""
    if credentials is not None or service.settings.verify_requires_key:
        caller_of(service, _text(credentials), Scope.VERIFY)


def _text(credentials: HTTPAuthorizationCredentials | None) -> str | None:
    return credentials.credentials if credentials else None
