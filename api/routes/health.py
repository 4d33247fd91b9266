"""Liveness, readiness and metrics."""

import sqlalchemy as sa
import structlog
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from api.db import videos
from api.errors import UnavailableError
from api.metrics import VIDEOS
from api.routes.dependencies import ServiceDependency
from api.states import State

log = structlog.get_logger()

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def live() -> Health:
    """The process runs."""
    return Health()


@router.get("/readyz")
def ready(service: ServiceDependency) -> Health:
    """Both databases and the object store answer, so requests can be served."""
    try:
        with service.database.transaction() as session:
            session.execute(sa.text("SELECT 1"))
        service.jobs.ping()
        service.storage.ping()
    except Exception as error:  # whatever it is, we are not ready
        log.warning("not ready", error=str(error))
        raise UnavailableError("A database or the object store does not answer.") from error
    return Health(status="ready")


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(service: ServiceDependency) -> PlainTextResponse:
    """Prometheus metrics: this process's counters, and the number of videos in each state."""
    with service.database.transaction() as session:
        counts = videos.count_by_state(session)
    for state in State:
        VIDEOS.labels(state).set(counts.get(state, 0))
    return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)
