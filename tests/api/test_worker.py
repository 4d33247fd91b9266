"""Workers: ids, scratch folders, roles and leases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from api import lease
from api.db.models import Worker as LeaseRow
from api.db.session import Database
from api.lease import WorkerIdTakenError
from api.service import Service
from api.settings import Settings


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
