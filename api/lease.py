"""Which workers are alive, so that another can take over a dead one's jobs.

The workflow engine resumes a job only when a worker with the same id starts again. Each worker
therefore renews a lease on the database's clock, and takes over the jobs of workers whose lease
ran out. A worker that was only frozen notices at its next checkpoint that it lost the job, and
stops.
"""

import fcntl
import hashlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.db.models import UtcDateTime, Worker
from api.settings import Settings

_NOW = sa.func.now(type_=UtcDateTime())


class WorkerIdTakenError(Exception):
    """A live worker on this host has the same id."""


def claim_id(settings: Settings) -> IO[str]:
    """Hold this host's exclusive right to a worker id until the file closes or the process dies.

    Two live workers with one id and one database would restart each other's renders, whatever
    their data folders. Raises WorkerIdTakenError.
    """
    identity = f"{settings.engine_database_url}\n{settings.worker_id}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:16]
    lock = (Path(tempfile.gettempdir()) / f"signet-worker-{os.getuid()}-{name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise WorkerIdTakenError(
            f"a worker called {settings.worker_id!r} is running here; give this one another "
            "SIGNET_WORKER_ID"
        ) from None
    return lock


def renew(session: Session, worker_id: str) -> None:
    """Say that this worker is alive now."""
    mine = sa.update(Worker).where(Worker.id == worker_id).values(seen=_NOW)
    if session.scalar(mine.returning(Worker.id)) is None:
        session.add(Worker(id=worker_id, seen=_NOW))


def expired(session: Session, lifetime: timedelta) -> list[str]:
    """Workers whose lease is older than ``lifetime``."""
    now = session.scalar(sa.select(_NOW))
    if now is None:
        raise RuntimeError("the database has no clock")
    return list(session.scalars(sa.select(Worker.id).where(Worker.seen < now - lifetime)))


def forget(session: Session, worker_id: str) -> None:
    """Remove the lease of a worker that has no job left."""
    session.execute(sa.delete(Worker).where(Worker.id == worker_id))
