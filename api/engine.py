"""Durable execution with DBOS: a client that submits jobs, and a worker that runs them.

Settings that were found to matter: stable executor ids (a second process with the default id
restarts the first one's work), a pinned application version (the default changes with every edit
and strands jobs), JSON instead of pickle (a database write must not become code execution).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import (
    DBOS,
    DBOSClient,
    DBOSPortableJSONSerializer,
    SQLAlchemyDatasource,
    run_dbos_database_migrations,
)

from api import lease
from api.db import videos
from api.db.session import Database
from api.pipeline import INSTANCE, PIPELINE_QUEUE, Pipeline, render_id, render_queue
from api.settings import Settings
from api.stages import Stages
from api.states import State

log = structlog.get_logger()

APPLICATION = "signet"
VERSION = "pipeline-1"  # changes only when running jobs could not continue under the new code

_PIPELINE_CONCURRENCY = 4  # parents mostly wait; their own stages share the CPU
_POLL_SECONDS = 0.5
_LOST = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


def migrate(settings: Settings) -> None:
    """Create or upgrade the engine's own tables."""
    run_dbos_database_migrations(_url(settings.engine_database_url))


def _url(url: str) -> str:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql")
    return parsed.render_as_string(hide_password=False)


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
            system_database_url=_url(settings.engine_database_url),
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
        )

    def submit(self, video_id: str) -> None:
        """Enqueue the production of a video; submitting it again changes nothing."""
        self._client.enqueue(
            {
                "workflow_name": "produce",
                "class_name": "Pipeline",
                "instance_name": INSTANCE,
                "queue_name": PIPELINE_QUEUE,
                "workflow_id": video_id,
                "app_version": VERSION,
            },
            video_id,
        )

    def cancel(self, video_id: str) -> None:
        """Stop the job and its render; a running render stops at its next denoising step."""
        self._client.cancel_workflow(video_id, cancel_children=True)

    def progress(self, video_id: str) -> Progress:
        """The last reported progress; zeros before the render starts."""
        stage = self._client.get_event(video_id, "stage", timeout_seconds=0)
        step = self._client.get_event(render_id(video_id), "progress", timeout_seconds=0) or {}
        return Progress(stage, step.get("step", 0), step.get("total", 0))

    def unknown(self, video_ids: list[str]) -> list[str]:
        """Those of the videos that were never submitted."""
        found = self._client.list_workflows(workflow_ids=video_ids, load_input=False)
        return sorted(set(video_ids) - {job.workflow_id for job in found})

    def lost(self, video_ids: list[str]) -> list[str]:
        """Those of the videos whose job the engine has given up, so that nobody will finish it."""
        found = self._client.list_workflows(workflow_ids=video_ids, load_input=False)
        return [job.workflow_id for job in found if job.status in _LOST]

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()


class WorkerStopping(BaseException):
    """Raised inside a render when its worker shuts down; the job stays pending."""


class Worker:
    """Runs jobs in this process until stopped.

    ``models`` are those it renders; ``produces`` says whether it also runs everything else, for
    which it needs the signing and watermark keys.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        stages: Stages,
        jobs: Jobs,
        *,
        models: list[str],
        produces: bool,
    ) -> None:
        self._settings = settings
        self._database = database
        self._stages = stages
        self._jobs = jobs
        self._models = models
        self._produces = produces
        self._stop = threading.Event()
        self._beat = threading.Thread(target=self._keep_alive, name="signet-lease", daemon=True)

    def start(self) -> None:
        """Claim the worker id, resume what this worker left, and start taking jobs."""
        settings = self._settings
        self._lock = lease.claim_id(settings.data_dir, settings.worker_id)
        with self._database.transaction() as session:
            lease.renew(session, settings.worker_id)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": _url(settings.engine_database_url),
                "application_version": VERSION,
                "executor_id": settings.worker_id,
                "serializer": DBOSPortableJSONSerializer(),
                "console_log_level": "ERROR",
            }
        )
        datasource = SQLAlchemyDatasource.create(
            self._database.url,
            engine=self._database.engine,
            serializer=DBOSPortableJSONSerializer(),
        )
        Pipeline(self._stages, datasource, self._raise_if_stopping)
        queues = {render_queue(model): 1 for model in self._models}
        if self._produces:
            queues[PIPELINE_QUEUE] = _PIPELINE_CONCURRENCY
        DBOS.listen_queues(list(queues))
        DBOS.launch()
        for name, concurrency in queues.items():
            DBOS.register_queue(
                name, worker_concurrency=concurrency, polling_interval_sec=_POLL_SECONDS
            )
        self._beat.start()

    def stop(self) -> None:
        """Stop within one denoising step; unfinished jobs resume when a worker runs again."""
        self._stop.set()
        self._beat.join()
        # Workflows that are cut off here resume later; their tracebacks would only alarm.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS.destroy()
        self._lock.close()

    def _raise_if_stopping(self) -> None:
        if self._stop.is_set():
            raise WorkerStopping

    def _keep_alive(self) -> None:
        lifetime = self._settings.lease_seconds
        reap_from = time.monotonic() + lifetime
        while not self._stop.wait(lifetime / 4):
            try:
                with self._database.transaction() as session:
                    lease.renew(session, self._settings.worker_id)
                if self._produces:
                    self._reconcile()
                if time.monotonic() >= reap_from:
                    self._take_over()
            except Exception as error:
                # Nobody could renew during an outage: give everyone one lifetime to do so.
                reap_from = time.monotonic() + lifetime
                log.warning("lease not renewed", error=str(error))

    def _take_over(self) -> None:
        with self._database.transaction() as session:
            dead = lease.expired(session, timedelta(seconds=self._settings.lease_seconds))
        for worker_id in dead:
            # Conditional on the dead worker still owning each job, so racing survivors are safe.
            recovered = _recover_pending_workflows([worker_id])
            if recovered:
                log.warning("took over jobs of a dead worker", worker=worker_id, jobs=recovered)
                continue
            with self._database.transaction() as session:
                lease.forget(session, worker_id)

    def _reconcile(self) -> None:
        """Repair what a crash between two databases left, and destroy what nobody needs."""
        with self._database.transaction() as session:
            queued = [video.id for video in videos.in_state(session, State.QUEUED)]
            running = [video.id for video in videos.in_state(session, State.IN_PROGRESS)]
        for video_id in self._jobs.unknown(queued):
            self._jobs.submit(video_id)
        for video_id in self._jobs.lost(running):
            with self._database.transaction() as session:
                self._stages.fail(session, video_id, "engine", "abandoned", {})
        self._stages.sweep()


def _recover_pending_workflows(executor_ids: list[str]) -> list[str]:
    # Private, but the only call that is conditional on the owner and keeps the attempts count.
    recover: Callable[[list[str]], list[Any]] = DBOS._recover_pending_workflows
    return [handle.get_workflow_id() for handle in recover(executor_ids)]
