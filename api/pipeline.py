"""The life of a video: prompt → safety → generator → watermark → C2PA → database → verify.

`produce` is a durable workflow: every stage is checkpointed, so a process that dies resumes after
the last finished stage and repeats at most the interrupted one. The render runs as its own child
workflow on a queue per model, so that GPU hosts need neither signing keys nor watermark keys.

    render ─ inspect ─ watermark ─ encode ─ sign ─ prove ─ record ─ log ─ release

Where the rendered frames have to wait for a moderator, `produce` ends, and `resume` goes on from
there once they are approved: a job that waits for days would keep others from running.

The prompt was moderated, and the identity (video id, mark id, manifest label) written, before
`produce` was enqueued: see :mod:`api.intake`. The end fails closed: without a proof that the
finished file verifies as authentic, nothing is recorded; and before the record has its place under
a signed head of the audit log, nothing can be downloaded.
"""

import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID, SQLAlchemyDatasource
from sqlalchemy.orm import Session

from api import engine
from api.engine import INSTANCE, PIPELINE, render_id, render_queue
from api.lifecycle import Lifecycle
from api.stages import Stages

_POLL_SECONDS = 0.2

P = ParamSpec("P")
R = TypeVar("R")

_OURS = ("api", "generator", "safety", "provenance")


class StageError(RuntimeError):
    """Stands for an exception whose text is not ours and may quote the prompt: what the engine
    keeps of a failure is out of reach of an erasure. It names the exception's class."""


@DBOS.dbos_class(PIPELINE)
class Pipeline(DBOSConfiguredInstance):
    """The workflows. DBOS runs one engine per process, so there is one instance, `pipeline`."""

    _stages: Stages
    _lifecycle: Lifecycle
    _datasource: SQLAlchemyDatasource
    _raise_if_stopping: Callable[[], None]
    _untold: dict[str, str]

    def bind(
        self,
        stages: Stages,
        lifecycle: Lifecycle,
        datasource: SQLAlchemyDatasource,
        raise_if_stopping: Callable[[], None],
    ) -> None:
        """Set what the workflows work with, before the engine is launched.

        ``raise_if_stopping`` raises a BaseException once this worker shuts down.
        """
        self._stages = stages
        self._lifecycle = lifecycle
        self._datasource = datasource
        self._raise_if_stopping = raise_if_stopping
        self._untold = {}  # by video, what a StageError of this process leaves out

    @DBOS.workflow(name="produce", max_recovery_attempts=10)
    def produce(self, video_id: str) -> None:
        """Carry one queued video to completed, failed or withheld."""
        self._produce(video_id, cleared=False)

    @DBOS.workflow(name="resume", max_recovery_attempts=10)
    def resume(self, video_id: str) -> None:
        """Carry one video whose frames a moderator approved to completed or failed."""
        self._produce(video_id, cleared=True)

    def _produce(self, video_id: str, *, cleared: bool) -> None:
        stages, lifecycle = self._stages, self._lifecycle
        stage = "start"
        try:
            model = self._commit(lifecycle.start, video_id)

            stage = self._enter("render")
            if cleared:
                rendered = self._step(self._rendered, video_id)
            else:
                rendered = self._await_render(video_id, model)
                self._commit(lifecycle.note_render, video_id, rendered)

            stage = self._enter("inspect")
            if cleared:
                inspection = self._step(stages.inspect_again, video_id)
            else:
                inspection = self._step(stages.inspect, video_id, rendered["frames"])
                self._commit(lifecycle.note_inspection, video_id, inspection)
            if inspection["action"] == "review":
                return None
            if inspection["action"] == "block":
                return self._fail(video_id, stage, "frames_blocked", inspection)

            stage = self._enter("watermark")
            marked = self._step(stages.watermark, video_id, rendered["frames"])

            stage = self._enter("encode")
            encoded = self._step(stages.encode, video_id, marked)

            stage = self._enter("sign")
            signed = self._step(stages.sign, video_id, encoded["file"], rendered["parameters"])

            stage = self._enter("prove")
            evidence = self._step(stages.prove, video_id, signed, encoded)
            if not evidence["proved"]:
                return self._fail(video_id, stage, "not_authentic", evidence)

            stage = self._enter("record")
            self._commit(lifecycle.record, video_id, rendered, encoded, signed, evidence)

            stage = self._enter("log")
            self._step(self._await_log, video_id)

            stage = self._enter("release")
            self._commit(lifecycle.release, video_id)
        except Exception as error:  # whatever went wrong, the video must not hang
            self._raise_if_stopping()  # an engine that shuts down fails everywhere: no failure
            told = self._untold.pop(video_id, str(error))
            return self._fail(video_id, stage, f"{stage}_failed", {}, told)
        self._step(lifecycle.tidy, video_id)
        return None

    @DBOS.workflow(name="render", max_recovery_attempts=3)
    def render(self, video_id: str) -> dict[str, Any]:
        """Render one video on this host; progress, cancellation and takeover meet in on_step."""

        def on_step(step: int, total: int) -> None:
            self._raise_if_stopping()
            # Raises a BaseException if the job was cancelled or another worker took it over.
            DBOS.set_event("progress", {"step": step, "total": total})

        return self._step(self._stages.render, video_id, on_step)

    def _await_render(self, video_id: str, model: str) -> dict[str, Any]:
        with SetWorkflowID(render_id(video_id)):
            render = DBOS.enqueue_workflow(render_queue(model), self.render, video_id)
        self._step(self._await_end, video_id)
        return render.get_result()

    def _rendered(self, video_id: str) -> dict[str, Any]:
        """What the render before the moderator's decision returned."""
        rendered: dict[str, Any] = DBOS.retrieve_workflow(render_id(video_id)).get_result()
        return rendered

    def _await_end(self, video_id: str) -> None:
        # The engine's own wait would outlive a shutdown and keep the process from ending.
        while engine.unfinished(render_id(video_id)):
            self._raise_if_stopping()
            time.sleep(_POLL_SECONDS)

    def _await_log(self, video_id: str) -> None:
        while not self._lifecycle.is_logged(video_id):
            self._raise_if_stopping()
            time.sleep(_POLL_SECONDS)

    def _enter(self, stage: str) -> str:
        DBOS.set_event("stage", stage)
        return stage

    def _fail(
        self, video_id: str, stage: str, code: str, reason: dict[str, Any], error: str | None = None
    ) -> None:
        self._commit(self._lifecycle.fail, video_id, stage, code, reason, error)
        self._step(self._lifecycle.tidy, video_id)

    def _step(
        self,
        function: Callable[Concatenate[str, P], R],
        video_id: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run and checkpoint a stage; it may run again if the process dies before that."""

        def attempt() -> R:
            try:
                return function(video_id, *args, **kwargs)
            except Exception as error:
                if type(error).__module__.partition(".")[0] in _OURS:
                    raise
                kind = type(error).__name__
                self._untold[video_id] = f"{kind}: {error}"
                raise StageError(kind) from None

        return DBOS.run_step({"name": function.__name__}, attempt)

    def _commit(
        self,
        function: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a database change: rows, audit event and checkpoint commit together, exactly once."""

        def transaction() -> R:
            return function(self._datasource.sql_session(), *args, **kwargs)

        return self._datasource.run_tx_step({"name": function.__name__}, transaction)


pipeline = Pipeline(INSTANCE)
