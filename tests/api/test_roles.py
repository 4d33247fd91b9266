"""A PostgreSQL role that serves, and can neither change nor remove what was logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from api import auth
from api.app import create_app
from api.audit import check
from api.audit.absence import TYPED
from api.audit.sequencer import sequence_all
from api.auth import Scope
from api.caller import Caller
from api.cli import app
from api.db.session import Database
from api.intake import Order
from api.service import migrate, open_service
from api.settings import Settings
from tests.api.audit.test_absence import APPEALED, FAILED

ROLE = "Signet serves"
CALLER = Caller("default", "key:1")


@pytest.fixture
def as_role(tmp_path: Path, postgres_url: str) -> Iterator[Settings]:
    """Settings of a service that logs in with no rights but those that were granted."""
    owner = Database(postgres_url)
    with owner.engine.begin() as connection:
        connection.execute(sa.text(f'CREATE ROLE "{ROLE}" LOGIN'))
    migrate(Settings(data_dir=tmp_path, database_url=postgres_url), ROLE)
    url = sa.make_url(postgres_url).set(username=ROLE).render_as_string()
    yield Settings(data_dir=tmp_path, database_url=url, worker_id="test")
    with owner.engine.begin() as connection:
        connection.execute(sa.text(f'DROP OWNED BY "{ROLE}"'))
        connection.execute(sa.text(f'DROP ROLE "{ROLE}"'))
    owner.close()


def test_the_service_works_and_the_log_is_beyond_its_reach(as_role: Settings) -> None:
    migrate(as_role)  # as every start does
    with open_service(as_role) as service:
        with service.database.transaction() as session:
            key = auth.create_key(
                session, name="test", tenant="default", scopes=list(Scope), actor="test"
            )
        client = TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})
        video = client.post("/v1/videos", json={"prompt": "a red ball"}).json()
        sequence_all(service.database, service.log_signer)
        assert client.delete(f"/v1/videos/{video['id']}").json()["deleted"]
        assert client.get("/v1/audit/checkpoint").status_code == 200
        for table in ("audit_event", "audit_leaf", "audit_checkpoint"):
            for statement in (
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
                f"DROP TRIGGER {table}_append_only ON {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"DROP TABLE {table} CASCADE",
            ):
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    _run(service.database, statement)
        with pytest.raises(ProgrammingError, match="permission denied"):
            _run(service.database, "UPDATE audit_event SET type = 'x'")


def test_the_service_removes_only_what_a_logged_deletion_covers(as_role: Settings) -> None:
    with open_service(as_role) as service:
        database = service.database
        for table in ("audit_personal", "audit_label"):
            for statement in (f"TRUNCATE {table}", f"UPDATE {table} SET event_id = 1"):
                with pytest.raises(ProgrammingError, match="permission denied"):
                    _run(database, statement)
        ids = [service.intake.create(Order(text), CALLER).id for text in ("a cat", "a dog")]
        with database.transaction() as session:
            for event in (APPEALED, FAILED):
                CALLER.log(session, event, subject=ids[0])
        before = _erasable(database)
        _remove_all(database)
        assert _erasable(database) == before
        service.intake.delete(ids[0], CALLER)
        after = _erasable(database)
        actor = f"actor:{CALLER.actor}"
        assert before - after == {
            row
            for kind in TYPED
            for row in (
                ("audit_personal", ids[0], kind, None),
                ("audit_label", ids[0], kind, actor),
            )
        } | {("audit_label", ids[0], "prompt.moderated", f"{actor}\naction:allow")}
        _remove_all(database)
        assert _erasable(database) == after
        sequence_all(database, service.log_signer)
        with database.transaction() as session:
            key = service.log_signer.verifier_key
            assert check.check(session, key, lambda _done, _total: None).intact


def _remove_all(database: Database) -> None:
    for table in ("audit_personal", "audit_label"):
        _run(database, f"DELETE FROM {table}")


def _erasable(database: Database) -> set[tuple[object, ...]]:
    """Every row that could be erased: its table, and what it is about."""
    about = "SELECT '{0}', subject, e.type, {1} FROM {0} JOIN audit_event e ON id = event_id"
    with database.engine.connect() as connection:
        return {
            tuple(row)
            for table, label in (("audit_personal", "NULL"), ("audit_label", "label"))
            for row in connection.exec_driver_sql(about.format(table, label))
        }


POWERS = {
    "superuser": 'ALTER ROLE "{role}" SUPERUSER',
    "BYPASSRLS": 'ALTER ROLE "{role}" BYPASSRLS',
    "CREATEROLE": 'ALTER ROLE "{role}" CREATEROLE',
    "may become, a superuser": 'GRANT signet TO "{role}"',
    "owns the tables": 'ALTER TABLE audit_event OWNER TO "{role}"',
    "write files": 'GRANT pg_write_server_files TO "{role}"',
    "every table": 'GRANT pg_write_all_data TO "{role}"',
    "another grant": "GRANT TRUNCATE ON audit_leaf TO PUBLIC",
}


@pytest.mark.parametrize(("why", "statement"), POWERS.items())
def test_a_role_that_could_change_the_log_must_not_serve(
    why: str,
    statement: str,
    as_role: Settings,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = Database(postgres_url)
    _run(owner, statement.format(role=ROLE))
    monkeypatch.setenv("SIGNET_DATA_DIR", str(as_role.data_dir))
    monkeypatch.setenv("SIGNET_DATABASE_URL", postgres_url)
    result = CliRunner().invoke(app, ["db", "upgrade", "--role", ROLE])
    assert (result.exit_code, why in result.stderr) == (2, True)
    _run(owner, "ALTER TABLE audit_event OWNER TO CURRENT_USER")
    owner.close()


def test_only_the_owner_erases(as_role: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_DATA_DIR", str(as_role.data_dir))
    monkeypatch.setenv("SIGNET_DATABASE_URL", as_role.database_url)
    result = CliRunner().invoke(app, ["audit", "erase", "video_1"])
    assert (result.exit_code, "owner" in result.stderr) == (2, True)


@pytest.mark.parametrize("url", [True, False], ids=["postgresql", "sqlite"])
def test_a_role_that_cannot_be_granted_is_told_so(
    url: bool, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGNET_DATABASE_URL", postgres_url if url else "")
    result = CliRunner().invoke(app, ["db", "upgrade", "--role", "nobody's"])
    assert (result.exit_code, "role" in result.stderr) == (2, True)


def _run(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement))
