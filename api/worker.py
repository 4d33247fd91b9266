"""A worker: runs jobs in this process, keeps its lease, takes over the jobs of dead workers."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from dbos import DBOS

from api import engine, lease
from api.audit.keeper import Keeper
from api.db import videos
from api.db.session import Database
from api.engine import PIPELINE_QUEUE, Jobs, render_queue
from api.lifecycle import Lifecycle
from api.pipeline import pipeline
from api.settings import Settings
from api.stages import Stages
from api.states import State
from api.workspace import Workspace

log = structlog.get_logger()

_PIPELINE_CONCURRENCY = 4  # parents mostly wait; their own stages share the CPU


class WorkerStopping(BaseException):
    """Raised inside a job when its worker shuts down; the job stays pending."""


class Worker:
    """Runs jobs in this process until stopped.

    ``models`` are those it renders. With ``keepers`` of the log it also runs everything else, for
    which it needs the signing, watermark and log keys.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        workspace: Workspace,
        stages: Stages,
        lifecycle: Lifecycle,
        jobs: Jobs,
        keepers: Sequence[Keeper],
        *,
        models: list[str],
    ) -> None:
        self._settings = settings
        self._database = database
        self._workspace = workspace
        self._stages = stages
        self._lifecycle = lifecycle
        self._jobs = jobs
        self._models = models
        self._keepers = keepers
        self._stop = threading.Event()
        self._beat = threading.Thread(target=self._keep_alive, name="signet-lease", daemon=True)

    def start(self) -> None:
        """Claim the worker id, resume what this worker left, and start taking jobs."""
        settings = self._settings
        self._lock = lease.claim_id(settings)
        self._workspace.prepare()
        self._renew()
        engine.configure(settings)
        pipeline.bind(
            self._stages,
            self._lifecycle,
            engine.open_datasource(self._database),
            self._raise_if_stopping,
        )
        queues = {render_queue(model): 1 for model in self._models}
        if self._keepers:
            queues[PIPELINE_QUEUE] = _PIPELINE_CONCURRENCY
        for keeper in self._keepers:
            keeper.start()
        self._jobs.open_queues(queues)
        engine.launch(list(queues))
        self._beat.start()

    def stop(self) -> None:
        """Stop within one denoising step; unfinished jobs resume when a worker runs again."""
        # Workflows that are cut off here resume later; their tracebacks would only alarm.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        self._stop.set()
        self._beat.join()
        DBOS.destroy()
        for keeper in self._keepers:
            keeper.stop()
        self._lock.close()

    def _raise_if_stopping(self) -> None:
        if self._stop.is_set():
            raise WorkerStopping

    def _keep_alive(self) -> None:
        lifetime = self._settings.lease_seconds
        reap_from = time.monotonic() + lifetime
        while not self._stop.wait(lifetime / 4):
            if not self._attempt(self._renew):
                # Nobody could renew during an outage: give everyone one lifetime to do so.
                reap_from = time.monotonic() + lifetime
                continue
            if time.monotonic() >= reap_from:
                self._attempt(self._take_over)
            if self._keepers:
                self._attempt(self._reconcile)

    def _attempt(self, duty: Callable[[], None]) -> bool:
        try:
            duty()
        except Exception as error:  # an unreachable database or store comes back
            log.warning("worker duty failed", duty=duty.__name__, error=str(error))
            return False
        return True

    def _renew(self) -> None:
        with self._database.transaction() as session:
            lease.renew(session, self._settings.worker_id)

    def _take_over(self) -> None:
        with self._database.transaction() as session:
            dead = lease.expired(session, timedelta(seconds=self._settings.lease_seconds))
        for worker_id in dead:
            recovered = engine.recover(worker_id)
            if recovered:
                log.warning("took over jobs of a dead worker", worker=worker_id, jobs=recovered)
                continue
            with self._database.transaction() as session:
                lease.forget(session, worker_id)

    def _reconcile(self) -> None:
        """Repair what a crash between two databases left, and destroy what nobody needs."""
        with self._database.transaction() as session:
            queued = videos.ids_in_state(session, State.QUEUED)
            running = videos.ids_in_state(session, State.IN_PROGRESS)
            withheld = videos.ids_in_state(session, State.WITHHELD)
            cleared = videos.ids_in_state(session, State.CLEARED)
        for video_id in self._jobs.never_submitted(queued):
            self._jobs.submit(video_id)
        for video_id in self._jobs.never_resumed(cleared):
            self._jobs.resume(video_id)
        for video_id in self._jobs.given_up(queued + running + cleared):
            with self._database.transaction() as session:
                self._lifecycle.fail(session, video_id, "engine", "abandoned", {})
        for video_id in withheld:
            self._end_with_its_consent(video_id)
        self._lifecycle.sweep()

    def _end_with_its_consent(self, video_id: str) -> None:
        """No moderator is to look at, or to release, a likeness that is not released any more."""
        found = self._stages.inspect_again(video_id)
        if found["action"] == "block":
            with self._database.transaction() as session:
                self._lifecycle.fail(session, video_id, "inspect", "frames_blocked", found)
