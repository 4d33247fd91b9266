"""A restored backup signs no second history."""

import shutil

import pytest

from api import auth
from api.audit import tree
from api.audit.last_head import LostHeadError
from api.service import Service, open_service


def log_something(service: Service) -> bytes:
    """The head afterwards."""
    with service.database.transaction() as session:
        auth.create_key(session, name="x", tenant="t", scopes=(), actor="test")
    service.sequence_log()
    with service.database.transaction() as session:
        head = tree.newest_checkpoint(session)
    assert head is not None
    return head.note


def test_nothing_is_signed_on_a_restored_backup(service: Service) -> None:
    settings = service.settings
    database = settings.data_dir / "signet.sqlite"
    old = log_something(service)
    with service.database.engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{database}.backup'")
    newest = log_something(service)
    service.database.close()
    shutil.move(f"{database}.backup", database)
    with open_service(settings) as restored:
        with pytest.raises(LostHeadError, match="head of 2 entries"):
            log_something(restored)
        with restored.database.transaction() as session:
            head = tree.newest_checkpoint(session)
        assert head is not None
        assert head.note == old
        (settings.data_dir / "log.head").unlink()  # whoever does that says that it is another log
        assert log_something(restored) != newest
