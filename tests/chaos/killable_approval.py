"""Approves frames of the named video, and dies before any worker is told of it."""

import os
import signal
import sys

from api.caller import Caller
from api.engine import Jobs
from api.service import open_service
from api.settings import Settings


def _die(_jobs: Jobs, _video_id: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    Jobs.resume = _die  # type: ignore[method-assign]
    with open_service(Settings()) as service:
        service.reviews.approve(sys.argv[1], Caller("default", "test"), "fine")


if __name__ == "__main__":
    main()
