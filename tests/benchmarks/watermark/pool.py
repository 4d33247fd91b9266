"""Run measurements in other processes, each on one core, and keep every result at once."""

import os
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .results import Results, Row, Task

console = Console(stderr=True)


def _prepare(threads: int, alone: bool) -> None:
    """In a new process: limit it to so many threads, and to one core where it is timed alone."""
    import cv2

    cv2.setNumThreads(threads)
    if alone and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _measure(task: Task) -> Row:
    return task.measure(*task.arguments)


def run(
    name: str,
    tasks: list[Task],
    results: Results,
    *,
    jobs: int,
    threads: int = 1,
    alone: bool = False,
) -> int:
    """Measure what has no row yet, `jobs` at a time with `threads` each; gives the number of
    failures, which are printed. alone: a process for each task, bound to one core."""
    # Read when a child process loads its libraries.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    missing, failures = results.missing(tasks), 0
    if not missing:
        return 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with (
        Progress(*columns, console=console) as progress,
        ProcessPoolExecutor(
            jobs,
            mp_context=get_context("spawn"),
            initializer=_prepare,
            initargs=(threads, alone),
            max_tasks_per_child=1 if alone else None,
        ) as pool,
    ):
        bar = progress.add_task(name, total=len(missing))
        pending = {pool.submit(_measure, task): task for task in missing}
        try:
            for future in as_completed(pending):
                task, error = pending[future], future.exception()
                if error is None:
                    results.add(task, future.result())
                else:
                    failures += 1
                    lines = traceback.format_exception(error, limit=-3)
                    console.print(f"failed: {task.section} {task.case}", style="red")
                    console.print("".join(lines), markup=False, highlight=False)
                progress.advance(bar)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    return failures
