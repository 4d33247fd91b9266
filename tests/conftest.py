"""What several packages' tests share: a throw-away PostgreSQL server, free ports, clips."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from api.db import schema
from api.db.session import Database
from generator.encode import encode
from tests.postgresql import NoPostgresqlError, find_free_port, private_postgresql

# Timing is measured in benchmarks, never asserted in tests.
hypothesis.settings.register_profile("signet", deadline=None)
hypothesis.settings.load_profile("signet")

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Finds TCP ports that nobody listened on a moment ago."""
    return find_free_port


@pytest.fixture(scope="session")
def natural_clip() -> Path:
    """A 720x480, 49 frames, 8 fps clip of natural texture (see tests/fixtures/video/README.md)."""
    return FIXTURES / "video" / "cogvx_ship.mp4"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a private PostgreSQL server's maintenance database."""
    try:
        with private_postgresql(durable=False) as url:
            yield url
    except NoPostgresqlError as error:
        pytest.skip(str(error))


def _create_database(server: str, name: str, template: str = "template1") -> str:
    """Makes a copy of a database of the server; returns its URL."""
    url = sa.make_url(server)
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()
    return url.set(database=name).render_as_string()


def _migrate(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    database.close()


@pytest.fixture
def postgres_url(postgres_server: str, tmp_path: Path) -> str:
    """The URL of an empty database of this test's own."""
    return _create_database(postgres_server, f"test_{abs(hash(tmp_path))}")


@pytest.fixture(scope="session")
def migrated_postgresql(postgres_server: str) -> str:
    """The name of a database with the current schema, to be copied."""
    _migrate(_create_database(postgres_server, "migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("migrated") / "signet.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path)
        url = f"sqlite:///{file}"
    else:
        server = request.getfixturevalue("postgres_server")
        template = request.getfixturevalue("migrated_postgresql")
        url = _create_database(server, f"test_{abs(hash(tmp_path))}", template)
    database = Database(url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 160x128 MP4 of 8 noisy frames."""
    frames = np.random.default_rng(0).integers(0, 256, (8, 128, 160, 3), np.uint8)
    path = tmp_path_factory.mktemp("clips") / "small.mp4"
    encode(frames, 8, path)
    return path


@pytest.fixture(scope="session")
def confined_children() -> Callable[[], list[psutil.Process]]:
    """Lists this process's children that parse strangers' files (see provenance/confine.py)."""

    def find() -> list[psutil.Process]:
        return [
            child
            for child in psutil.Process().children(recursive=True)
            # A child that was forked but does not run its script yet still looks like us.
            if _runs(child, "_decoder.py") or _runs(child, "_manifest_reader.py")
        ]

    return find


def _runs(process: psutil.Process, script: str) -> bool:
    try:
        return any(argument.endswith(script) for argument in process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
