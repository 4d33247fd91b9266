"""What a video costs beside its render: seconds of each stage for 49 frames at 720x480.

    make bench

The frames are a natural clip (tests/fixtures/video); the stages are the service's own, on SQLite
and a local folder. The first run is left out: it loads libraries and makes the certificate.
"""

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from rich.console import Console
from rich.table import Table

import safety
from api import logs
from api.caller import Caller
from api.intake import Order
from api.lifecycle import Lifecycle
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.stages import Stages
from api.workspace import Workspace
from provenance.media import Limits, decode

RUNS = 5
PROMPT = "a sailing ship crosses a stormy sea under dark clouds, cinematic, highly detailed"
CLIP = Path(__file__).parents[1] / "fixtures" / "video" / "cogvx_ship.mp4"
PARAMETERS = {"render_size": [720, 480], "revision": "benchmark"}
STAGES = ("moderate", "inspect", "watermark", "encode", "sign", "prove", "record and release")


def produce(
    service: Service, stages: Stages, lifecycle: Lifecycle, workspace: Workspace
) -> list[float]:
    """Run every stage but the render once; seconds in the order of STAGES."""
    seconds: list[float] = []

    def timed(function: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
        return result

    timed(lambda: safety.moderate(PROMPT))
    video_id = service.intake.create(Order(PROMPT), Caller("default", "benchmark")).id
    with decode(CLIP, Limits()) as clip:
        rendered = workspace.save_frames(video_id, clip.frames)
    with service.database.transaction() as session:
        lifecycle.start(session, video_id)
    timed(lambda: stages.inspect(video_id, rendered))
    marked = timed(lambda: stages.watermark(video_id, rendered))
    encoded = timed(lambda: stages.encode(video_id, marked))
    signed = timed(lambda: stages.sign(video_id, encoded["file"], PARAMETERS))
    evidence = timed(lambda: stages.prove(video_id, signed))
    assert evidence["proved"], evidence

    def record() -> None:
        with service.database.transaction() as session:
            lifecycle.record(
                session, video_id, {"parameters": PARAMETERS}, encoded, signed, evidence
            )
        with service.database.transaction() as session:
            lifecycle.release(session, video_id)

    timed(record)
    lifecycle.tidy(video_id)
    return seconds


def main() -> None:
    """Measure and print a table."""
    logs.configure(json_lines=False, level=logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), worker_id="benchmark")
        migrate(settings)
        with open_service(settings) as service:
            workspace = Workspace(service.storage, Path(folder) / "scratch")
            workspace.prepare()
            stages = Stages(settings, service.database, workspace, lambda: service.keyring)
            lifecycle = Lifecycle(settings, service.database, service.storage, workspace)
            runs = []
            for number in range(RUNS + 1):
                print(f"run {number} of {RUNS}", file=sys.stderr)
                runs.append(produce(service, stages, lifecycle, workspace))
    table = Table("stage", "median s", "max s")
    for stage, *values in zip(STAGES, *runs[1:], strict=True):
        table.add_row(stage, f"{statistics.median(values):.3f}", f"{max(values):.3f}")
    totals = [sum(run) for run in runs[1:]]
    table.add_row("total", f"{statistics.median(totals):.3f}", f"{max(totals):.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
