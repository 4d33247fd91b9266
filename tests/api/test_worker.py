"""Workers: ids, scratch folders, roles and leases."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api import lease
from api.caller import Caller
from api.db import videos
from api.db.models import Worker as LeaseRow
from api.db.session import Database
from api.intake import Order
from api.lease import WorkerIdTakenError
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.states import State


def test_a_second_worker_with_the_id_is_refused_and_harms_nothing(service: Service) -> None:
    first = service.worker(models=["demo"], produces=True)
    first.start()
    try:
        scratch = service.settings.data_dir / "scratch" / service.settings.worker_id
        (scratch / "being-written.npy").touch()
        second = service.worker(models=["demo"], produces=True)
        with pytest.raises(WorkerIdTakenError, match="SIGNET_WORKER_ID"):
            second.start()
        assert (scratch / "being-written.npy").exists()
    finally:
        first.stop()


def test_an_id_is_taken_whatever_the_data_folder(settings: Settings) -> None:
    url = "postgresql://nowhere/signet"
    here = settings.model_copy(update={"database_url": url})
    there = here.model_copy(update={"data_dir": settings.data_dir / "other"})
    with lease.claim_id(here), pytest.raises(WorkerIdTakenError):
        lease.claim_id(there)
    lease.claim_id(there).close()


def test_a_lease_expires_by_the_databases_clock(database: Database) -> None:
    with database.transaction() as session:
        lease.renew(session, "a")
        lease.renew(session, "b")
    with database.transaction() as session:
        assert lease.expired(session, timedelta(seconds=30)) == []
        old = sa.func.now(type_=sa.DateTime(timezone=True))
        assert session.scalar(sa.select(old)) is not None
    with database.transaction() as session:
        assert sorted(lease.expired(session, timedelta(seconds=-30))) == ["a", "b"]
        lease.forget(session, "a")
    with database.transaction() as session:
        lease.renew(session, "b")
        assert session.scalars(sa.select(LeaseRow.id)).all() == ["b"]


def test_a_video_whose_job_was_never_enqueued_is_produced(tmp_path: Path) -> None:
    """A process may die between writing the row and enqueueing the job."""
    settings = Settings(data_dir=tmp_path, worker_id="repairer", lease_seconds=2)
    migrate(settings)
    with open_service(settings) as service:
        order = Order("a red ball rolls to the right", seconds=1, steps=1)
        video_id = service.intake.create(order, Caller("default", "test")).id
        service.jobs._client.delete_workflow(video_id)
        assert service.jobs.never_submitted([video_id]) == [video_id]
        worker = service.worker(models=["demo"], produces=True)
        worker.start()
        try:
            while True:
                with service.database.transaction() as session:
                    if State(videos.get(session, video_id).state).final:
                        assert videos.get(session, video_id).state == State.COMPLETED
                        break
                time.sleep(0.1)
        finally:
            worker.stop()
