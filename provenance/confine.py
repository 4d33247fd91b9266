"""Runs a script on a stranger's file in a child process that can be killed.

Native parsers cannot be interrupted in a thread, and a hostile file can make them run for hours.
The child is a session of its own without secrets in its environment; the script lowers its own
resource limits before it looks at the file.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_KILL_GRACE_SECONDS = 5.0


def run(
    script: Path,
    arguments: Sequence[str],
    *,
    source: IO[bytes],
    output: IO[bytes],
    wall_seconds: float,
    pass_fds: Sequence[int] = (),
) -> int | None:
    """Run `script` with `source` as standard input and `output` as standard output.

    Returns the exit status (negative: the signal that ended it), or None if it was killed after
    `wall_seconds`. Nothing of it is left running.
    """
    process = subprocess.Popen(  # noqa: S603 - our own script, by absolute path
        [sys.executable, "-I", str(script), *arguments],
        stdin=source,
        stdout=output,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        # No secrets, and no thread pool that would eat the address space.
        env={"OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        return process.wait(wall_seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(_KILL_GRACE_SECONDS)
