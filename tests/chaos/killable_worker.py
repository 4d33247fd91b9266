"""A real worker that stops itself with a signal after the work of named stages, once each.

    python killable_worker.py MARKERS KILL|STOP [STAGE…]

It dies (SIGKILL) or freezes (SIGSTOP) at the worst moment: the stage's work is done, its
checkpoint is not written. A file per stage in the folder MARKERS says that it already stopped
there; `renders` in it counts renders.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.audit import sequencer
from api.lifecycle import Lifecycle
from api.service import migrate, open_service
from api.settings import Settings
from api.stages import Stages
from api.worker import Worker
from api.workspace import Workspace


class Killable:
    """Stops the process after chosen methods of the class it is mixed into."""

    markers: Path
    signal: signal.Signals
    fatal: set[str]

    def __getattribute__(self, name: str) -> Any:
        attribute = super().__getattribute__(name)
        if name not in Killable.fatal:
            return attribute
        return _dying(attribute, Killable.markers / name)


class KillableStages(Killable, Stages):
    """Stages that may die, and count renders."""

    def render(self, video_id: str, on_step: Callable[[int, int], None]) -> dict[str, Any]:
        with (Killable.markers / "renders").open("a") as log:
            log.write("render\n")
        return super().render(video_id, on_step)


class KillableLifecycle(Killable, Lifecycle):
    """Database changes that may die inside their transaction."""


def _dying(stage: Callable[..., Any], marker: Path) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        result = stage(*args, **kwargs)
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), Killable.signal)
        return result

    run.__name__ = marker.name
    return run


def main() -> None:
    Killable.markers = Path(sys.argv[1])
    Killable.signal = signal.Signals[f"SIG{sys.argv[2]}"]
    Killable.fatal = set(sys.argv[3:])
    settings = Settings()
    migrate(settings)
    with open_service(settings) as service:
        workspace = Workspace(service.storage, settings.data_dir / "scratch" / settings.worker_id)
        worker = Worker(
            settings,
            service.database,
            workspace,
            KillableStages(settings, service.database, workspace, lambda: service.keyring),
            KillableLifecycle(settings, service.database, service.storage, workspace),
            service.jobs,
            [sequencer.keeper(service.sequence_log)],
            models=settings.models,
        )
        worker.start()
        threading.Event().wait()


if __name__ == "__main__":
    main()
