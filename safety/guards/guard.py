"""A guard as the service sees it: a child process that answers in time, or is ended.

A forward pass cannot be interrupted in a thread, and a native crash would take the service along. A
child that is too slow, or dies, costs its prompt an answer; the next prompt starts another one.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from safety.decision import GuardAnswer
from safety.guards.spec import GuardSpec

_log = logging.getLogger(__name__)
_GRACE_SECONDS = 1.0
"""Beyond the deadline for a child that keeps to it by itself, which spares loading it again."""
_RETRY_SECONDS = 30.0
"""Before a guard that could not be loaded is tried again."""
_OURS = "SIGNET_"
"""What settings in the environment, secrets among them, begin with."""


class _FailedError(Exception):
    """There is no answer; the argument is GuardAnswer's `failure`."""


class Guard:
    """One guard model. Safe for several threads; prompts are judged one after the other."""

    def __init__(self, spec: GuardSpec, *, device: str = "auto", download: bool = False) -> None:
        self._spec = spec
        self._task = {"spec": asdict(spec), "device": device, "download": download}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._revision: str | None = None
        self._loaded = False
        self._retry_at = 0.0

    def start(self) -> None:
        """Begin to load the model, unless it is; does not wait for it."""
        with self._lock, suppress(_FailedError):
            self._begin()

    def load(self, seconds: float) -> str | None:
        """Wait for the model; returns why it cannot be used, or None."""
        with self._lock:
            try:
                self._await(time.monotonic() + seconds)
            except _FailedError as error:
                return str(error)
        return None

    def judge(self, texts: Sequence[str], deadline: float) -> GuardAnswer:
        """What it says about texts, at the latest a second after `deadline` (time.monotonic)."""
        if not self._lock.acquire(timeout=max(deadline - time.monotonic(), 0)):
            return GuardAnswer(self._spec.model, self._revision, failure="timeout")
        try:
            self._await(deadline)
            said = self._exchange(texts, deadline)
        except _FailedError as error:
            said = {"failure": str(error)}
        finally:
            self._lock.release()
        return GuardAnswer(self._spec.model, self._revision, **said)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _begin(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() < self._retry_at:
            raise _FailedError("unusable")
        self._end()
        ours, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            # -P: what lies in the working directory must not stand in for a library.
            [sys.executable, "-P", "-m", "safety.guards.worker", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env={name: text for name, text in os.environ.items() if not name.startswith(_OURS)},
            start_new_session=True,
        )
        theirs.close()
        self._connection = ours
        with suppress(OSError):  # it died at once; whoever waits for it notices
            ours.send_bytes(json.dumps(self._task).encode())

    def _await(self, deadline: float) -> None:
        self._begin()
        if self._loaded:
            return
        assert self._connection is not None
        if not self._connection.poll(max(deadline - time.monotonic(), 0)):
            raise _FailedError("loading")
        self._retry_at = time.monotonic() + _RETRY_SECONDS
        said = self._receive()
        if "unusable" in said:
            _log.error("guard %s cannot be used: %s", self._spec.model, said["unusable"])
            self._end()
            raise _FailedError("unusable")
        self._retry_at = 0.0
        self._revision = said["revision"]
        self._loaded = True

    def _exchange(self, texts: Sequence[str], deadline: float) -> dict[str, Any]:
        assert self._connection is not None
        assert self._process is not None
        seconds = deadline - time.monotonic()
        late = threading.Event()
        process = self._process

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(max(seconds, 0) + _GRACE_SECONDS, end)
        timer.start()
        try:
            self._connection.send_bytes(
                json.dumps({"texts": list(texts), "seconds": seconds}).encode()
            )
            return self._receive()
        except (OSError, _FailedError):
            self._end()
            raise _FailedError("timeout" if late.is_set() else "crashed") from None
        finally:
            timer.cancel()

    def _receive(self) -> dict[str, Any]:
        assert self._connection is not None
        try:
            said: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            _log.error("guard %s broke down", self._spec.model)
            self._end()
            raise _FailedError("crashed") from None
        return said

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._loaded = False


class Guards:
    """Guards that judge side by side, each prompt within `seconds`. The models load when first
    needed; a prompt does not wait longer for that either."""

    def __init__(
        self,
        specs: Sequence[GuardSpec],
        *,
        seconds: float = 10.0,
        device: str = "auto",
        download: bool = False,
    ) -> None:
        self._guards = [Guard(spec, device=device, download=download) for spec in specs]
        self._seconds = seconds

    def start(self) -> None:
        """Begin to load all models."""
        for guard in self._guards:
            guard.start()

    def load(self, seconds: float) -> list[str | None]:
        """Wait for all models; see Guard.load."""
        self.start()
        until = time.monotonic() + seconds
        return [guard.load(max(until - time.monotonic(), 0)) for guard in self._guards]

    def judge(self, texts: Sequence[str]) -> list[GuardAnswer]:
        """What each guard says about a prompt, given in several views; the worst counts."""
        if not self._guards or not texts:
            return []
        deadline = time.monotonic() + self._seconds
        with ThreadPoolExecutor(len(self._guards)) as pool:
            return list(pool.map(lambda guard: guard.judge(texts, deadline), self._guards))

    def close(self) -> None:
        """End the children."""
        for guard in self._guards:
            guard.close()
