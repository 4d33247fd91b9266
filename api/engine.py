"""Durable execution with DBOS: its configuration, the queues, and a client that submits jobs.

Settings that were found to matter: stable executor ids (a second process with the default id
restarts the first one's work), a pinned application version (the default changes with every edit
and strands jobs), JSON instead of pickle (a database write must not become code execution).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SQLAlchemyDatasource,
    run_dbos_database_migrations,
)
from dbos import error as dbos_error

from api.db.session import POSTGRESQL_OPTIONS, Database
from api.settings import Settings

PIPELINE = "Pipeline"  # the workflows' class and instance, by which the engine finds them again
INSTANCE = "signet"
PIPELINE_QUEUE = "pipeline"

_APPLICATION = "signet"
_VERSION = "pipeline-1"  # changes only when running jobs could not continue under the new code
_POLL_SECONDS = 0.2
_UNFINISHED = ("ENQUEUED", "DELAYED", "PENDING")
_GIVEN_UP = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


def render_queue(model: str) -> str:
    """The queue whose workers render ``model``."""
    return f"render.{model}"


def render_id(video_id: str) -> str:
    """The workflow id of a video's render."""
    return f"{video_id}.render"


def resume_id(video_id: str) -> str:
    """The workflow id of what follows a moderator's approval of a video's frames."""
    return f"{video_id}.resume"


def migrate(settings: Settings, role: str | None = None) -> None:
    """Create or upgrade the engine's own tables. role: of PostgreSQL, that is to use them."""
    run_dbos_database_migrations(_url(settings), application_role=role)


def configure(settings: Settings) -> None:
    """Configure this process as a worker; workflows may be bound before `launch`."""
    config: DBOSConfig = {
        "name": _APPLICATION,
        "system_database_url": _url(settings),
        "application_version": _VERSION,
        "executor_id": settings.worker_id,
        "serializer": DBOSPortableJSONSerializer(),
        "console_log_level": "ERROR",
        "notification_listener_polling_interval_sec": _POLL_SECONDS,  # a shutdown waits for it
    }
    DBOS(config=config)
    logging.getLogger("dbos").addFilter(_is_no_cancellation)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Whether a log line is news: the engine logs every cancelled job as a failure."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, dbos_error.DBOSAwaitedWorkflowCancelledError)


def open_datasource(database: Database) -> SQLAlchemyDatasource:
    """Lets a step's checkpoint commit together with the application's rows."""
    return SQLAlchemyDatasource.create(
        database.url, engine=database.engine, serializer=DBOSPortableJSONSerializer()
    )


def launch(queues: list[str]) -> None:
    """Resume this worker's unfinished jobs and take new ones from the named queues."""
    DBOS.listen_queues(queues)
    DBOS.launch()


def unfinished(workflow_id: str) -> bool:
    """Whether a workflow is still waiting or running; for use inside a step."""
    status = DBOS.get_workflow_status(workflow_id)
    return status is None or status.status in _UNFINISHED


def recover(executor_id: str) -> list[str]:
    """Put a dead worker's unfinished jobs back into their queues; returns their ids.

    Conditional on the dead worker still owning each job, so racing survivors are safe.
    """
    # Private, but the only call that is conditional and keeps the count of attempts.
    recover_all: Callable[[list[str]], list[Any]] = DBOS._recover_pending_workflows
    return [handle.get_workflow_id() for handle in recover_all([executor_id])]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: the stage it is in and, while rendering, the denoising step of total."""

    stage: str | None
    step: int
    total: int


class Jobs:
    """Submits, watches and cancels jobs; needs no worker in its process."""

    def __init__(self, settings: Settings) -> None:
        self._client = DBOSClient(
            system_database_url=_url(settings),
            serializer=DBOSPortableJSONSerializer(),
            application_name=_APPLICATION,
            retry_connection_errors=False,  # a request should fail, not hang, without a database
        )

    def ping(self) -> None:
        """Raise if the engine's database does not answer."""
        self._client.check_connection()

    def open_queues(self, queues: dict[str, int]) -> None:
        """Make queues known, name → jobs at once on each worker, so that `launch` finds them."""
        for name, concurrency in queues.items():
            self._client.register_queue(
                name, worker_concurrency=concurrency, polling_interval_sec=_POLL_SECONDS
            )

    def submit(self, video_id: str) -> None:
        """Enqueue the production of a video; submitting it again changes nothing."""
        self._enqueue("produce", video_id, video_id)

    def resume(self, video_id: str) -> None:
        """Enqueue what follows the approval of its frames, likewise."""
        self._enqueue("resume", resume_id(video_id), video_id)

    def _enqueue(self, workflow: str, workflow_id: str, video_id: str) -> None:
        self._client.enqueue(
            {
                "workflow_name": workflow,
                "class_name": PIPELINE,
                "instance_name": INSTANCE,
                "queue_name": PIPELINE_QUEUE,
                "workflow_id": workflow_id,
                "app_version": _VERSION,
            },
            video_id,
        )

    def cancel(self, video_id: str) -> None:
        """Stop the job and its render; a running render stops at its next denoising step."""
        for workflow_id in self._statuses([video_id, resume_id(video_id)]):
            self._client.cancel_workflow(workflow_id, cancel_children=True)

    def progress(self, video_id: str) -> Progress:
        """The last reported progress; zeros before the render starts."""
        stage = self._client.get_event(
            resume_id(video_id), "stage", timeout_seconds=0
        ) or self._client.get_event(video_id, "stage", timeout_seconds=0)
        step = self._client.get_event(render_id(video_id), "progress", timeout_seconds=0) or {}
        return Progress(stage, step.get("step", 0), step.get("total", 0))

    def never_submitted(self, video_ids: list[str]) -> list[str]:
        """Those of the videos that the engine does not know."""
        return sorted(set(video_ids) - set(self._statuses(video_ids)))

    def never_resumed(self, video_ids: list[str]) -> list[str]:
        """Those of the videos whose resumption the engine does not know."""
        known = self._statuses([resume_id(video_id) for video_id in video_ids])
        return sorted(each for each in video_ids if resume_id(each) not in known)

    def given_up(self, video_ids: list[str]) -> list[str]:
        """Those of the videos whose job ended without finishing the video."""
        both = [each for video_id in video_ids for each in (video_id, resume_id(video_id))]
        statuses = self._statuses(both)
        return [
            video_id
            for video_id in video_ids
            if statuses.get(resume_id(video_id), statuses.get(video_id)) in _GIVEN_UP
        ]

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()

    def _statuses(self, video_ids: list[str]) -> dict[str, str]:
        if not video_ids:
            return {}
        found = self._client.list_workflows(workflow_ids=video_ids, load_input=False)
        return {job.workflow_id: job.status for job in found}


def _url(settings: Settings) -> str:
    url = sa.make_url(settings.engine_database_url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql").update_query_dict(POSTGRESQL_OPTIONS)
    return url.render_as_string(hide_password=False)
