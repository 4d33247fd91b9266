"""What is done for the log again and again in the background of a process."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger()


class Keeper:
    """Does a duty every so many seconds, on a thread of that name, until it is stopped."""

    def __init__(self, name: str, seconds: float, duty: Callable[[], None]) -> None:
        self._seconds = seconds
        self._duty = duty
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand and end; what still waits is for another process."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self._duty()
            except Exception as error:  # an unreachable database comes back
                log.warning("a duty of the log failed", keeper=self._thread.name, error=str(error))
