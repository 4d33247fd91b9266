"""The service over throw-away databases, and clients of it."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api import auth
from api.app import create_app
from api.auth import Scope
from api.caller import Caller
from api.cli import main
from api.intake import Order
from api.lifecycle import Lifecycle
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.stages import Stages
from api.workspace import Workspace
from safety.frames.pdq import pdq


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", worker_id="test", verify_rate="1000/minute")


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with both databases at the current schema, to be copied."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("migrated") / "data")
    migrate(settings)
    return settings.data_dir


@pytest.fixture
def service(settings: Settings, migrated_data: Path) -> Iterator[Service]:
    """The service without a worker: what is queued stays queued."""
    shutil.copytree(migrated_data, settings.data_dir)
    with open_service(settings) as service:
        yield service


@pytest.fixture
def make_key(service: Service) -> Callable[..., dict[str, str]]:
    """Makes headers with a new key of the given scopes and tenant."""

    def make(*scopes: Scope, tenant: str = "default") -> dict[str, str]:
        with service.database.transaction() as session:
            key = auth.create_key(session, name="test", tenant=tenant, scopes=scopes, actor="test")
        return {"Authorization": f"Bearer {key}"}

    return make


@pytest.fixture
def client(service: Service, make_key: Callable[..., dict[str, str]]) -> Iterator[TestClient]:
    """A client whose key has every scope, of an application without a worker."""
    app = create_app(service)
    with TestClient(app, headers=make_key(*Scope)) as client:
        yield client


@pytest.fixture
def withhold(service: Service, tmp_path: Path) -> Callable[[str], str]:
    """Makes videos whose frames wait for a moderator, from a prompt and without rendering."""
    ramp = np.linspace(0, 255, 192).astype(np.uint8)
    frames = np.broadcast_to(ramp[None, None, :, None], (9, 128, 192, 3))
    blocklist = tmp_path / "blocklist.txt"
    blocklist.write_text(f"{pdq(frames[0]).hex} a ramp\n")
    settings = service.settings.model_copy(update={"frame_blocklist": blocklist})
    workspace = Workspace(service.storage, tmp_path / "scratch")
    workspace.prepare()
    stages = Stages(settings, service.database, workspace, lambda: service.keyring)
    lifecycle = Lifecycle(settings, service.database, service.storage, workspace)

    def make(prompt: str) -> str:
        video_id = service.intake.create(Order(prompt, seconds=1), Caller("default", "test")).id
        found = stages.inspect(video_id, workspace.save_frames(video_id, frames))
        with service.database.transaction() as session:
            lifecycle.start(session, video_id)
            lifecycle.note_inspection(session, video_id, found)
        return video_id

    return make


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def signet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Runs `signet` in this process, on data of this test's own."""
    monkeypatch.setenv("SIGNET_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")

    def run(*arguments: str, stdin: str = "") -> Answer:
        monkeypatch.setattr("sys.argv", ["signet", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Answer(code or 0, *capsys.readouterr())

    return run
