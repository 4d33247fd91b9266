"""A file that may change while it is used."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]
"""Inode, size and time of the last change, in ns: what differs once a file was written."""


class Versioned(Protocol):
    """What is read from such a file."""

    @property
    def version(self) -> str:
        """Differs for every content."""


T = TypeVar("T", bound=Versioned)


class ReloadedFile(Generic[T]):
    """The newest valid content of a file. kind: what the log calls it. load: raises ValueError."""

    def __init__(self, path: Path, kind: str, load: Callable[[Path], T]) -> None:
        self._path = path
        self._kind = kind
        self._load = load
        self._lock = threading.Lock()
        self._seen: _Stamp | None = None
        self._content: T | None = None

    def current(self) -> T:
        """The content, read again if the file has changed; one that is invalid now, or gone, is
        logged and leaves the last good one in force.

        Raises ValueError if there never was a good one.
        """
        with self._lock:
            stamp = self._stamp()
            if self._content is None or stamp != self._seen:
                self._content = self._newest()
                self._seen = stamp
            return self._content

    def _newest(self) -> T:
        try:
            content = self._load(self._path)
        except ValueError as error:
            if self._content is None:
                raise
            _log.error(
                "%s %s refused, %s stays in force: %s",
                *(self._kind, self._path, self._content.version, error),
            )
            return self._content
        if self._content is not None:
            _log.warning("%s %s is in force: %s", self._kind, self._path, content.version)
        return content

    def _stamp(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
