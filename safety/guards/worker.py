"""A guard's own process: python -m safety.guards.worker DESCRIPTOR, started by `guard`.

Messages are JSON. The first one received names the guard, and is answered once it is loaded; each
further one has `texts` and `seconds`, and is answered with a finding or a failure. Ends with its
connection.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

from safety.guards.generative import GenerativeGuard
from safety.guards.labels import LabelGuard
from safety.guards.loading import load
from safety.guards.spec import GuardSpec
from safety.guards.verdict import worst


def serve(connection: Connection) -> None:
    """Load the guard and answer until the other side is gone."""
    try:
        told = json.loads(connection.recv_bytes())
        guard, revision = load(
            GuardSpec(**told["spec"]), device=told["device"], download=told["download"]
        )
    except EOFError:
        return
    except Exception as error:  # of any library; the operator must hear of it
        _send(connection, {"unusable": f"{type(error).__name__}: {error}"})
        return
    _send(connection, {"revision": revision})
    while True:
        try:
            asked = json.loads(connection.recv_bytes())
        except EOFError:
            return
        _send(connection, _judge(guard, asked["texts"], asked["seconds"]))


def _judge(guard: GenerativeGuard | LabelGuard, texts: list[str], seconds: float) -> dict[str, Any]:
    check_time = _until(time.monotonic() + seconds)
    try:
        return asdict(worst(found for text in texts for found in guard.judge(text, check_time)))
    except TimeoutError:
        return {"failure": "timeout"}
    except ValueError:  # NoAnswerError, or no number
        return {"failure": "no_answer"}


def _until(deadline: float) -> Callable[[], None]:
    def check() -> None:
        if time.monotonic() > deadline:
            raise TimeoutError

    return check


def _send(connection: Connection, message: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps(message).encode())


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
