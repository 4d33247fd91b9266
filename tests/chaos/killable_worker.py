"""A real worker that kills itself with SIGKILL after the work of named stages, once each.

    python killable_worker.py MARKERS [STAGE…]

It dies at the worst moment: the stage's work is done, its checkpoint is not written. A file per
stage in the folder MARKERS says that it already died there; `renders` in it counts renders.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.service import migrate, open_service
from api.settings import Settings
from api.stages import Stages
from api.worker import Worker


class KillableStages(Stages):
    """Stages that end the process after chosen ones."""

    markers: Path
    fatal: set[str]

    def __getattribute__(self, name: str) -> Any:
        attribute = super().__getattribute__(name)
        if name.startswith("_") or name not in super().__getattribute__("fatal"):
            return attribute
        return _dying(attribute, super().__getattribute__("markers") / name)

    def render(self, video_id: str, on_step: Callable[[int, int], None]) -> dict[str, Any]:
        with (self.markers / "renders").open("a") as log:
            log.write("render\n")
        return super().render(video_id, on_step)


def _dying(stage: Callable[..., Any], marker: Path) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        result = stage(*args, **kwargs)
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    run.__name__ = marker.name
    return run


def main() -> None:
    KillableStages.markers = Path(sys.argv[1])
    KillableStages.fatal = set(sys.argv[2:])
    settings = Settings()
    migrate(settings)
    with open_service(settings) as service:
        stages = KillableStages(
            settings, service.database, service.storage, lambda: service.keyring
        )
        worker = Worker(
            settings,
            service.database,
            stages,
            service.jobs,
            models=settings.models,
            produces=True,
        )
        worker.start()
        threading.Event().wait()


if __name__ == "__main__":
    main()
