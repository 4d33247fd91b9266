"""A policy file that may change while it is used."""

import logging
import threading
from functools import cache
from pathlib import Path

from safety.policy import Policy, PolicyError, load_policy

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]
"""Inode, size and time of the last change, in ns: what differs once a file was written."""


class PolicyFile:
    """The newest valid content of a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: _Stamp | None = None
        self._policy: Policy | None = None

    def current(self) -> Policy:
        """The policy, read again if the file has changed; one that is invalid now, or gone, is
        logged and leaves the last good one in force.

        Raises PolicyError if there never was a good one.
        """
        with self._lock:
            stamp = self._stamp()
            if self._policy is None or stamp != self._seen:
                self._read()
                self._seen = stamp
            assert self._policy is not None
            return self._policy

    def _read(self) -> None:
        try:
            policy = load_policy(self._path)
        except PolicyError as error:
            if self._policy is None:
                raise
            _log.error(
                "policy %s refused, %s stays in force: %s", self._path, self._policy.version, error
            )
        else:
            if self._policy is not None:
                _log.warning("policy %s is in force: %s", self._path, policy.version)
            self._policy = policy

    def _stamp(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


@cache
def policy_file(path: Path) -> PolicyFile:
    """The one of this path in this process."""
    return PolicyFile(path)
