"""What several packages' tests share: a throw-away PostgreSQL server, free ports, clips."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from generator.encode import encode

# Timing is measured in benchmarks, never asserted in tests.
hypothesis.settings.register_profile("signet", deadline=None)
hypothesis.settings.load_profile("signet")

FIXTURES = Path(__file__).parent / "fixtures"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Finds TCP ports that nobody listened on a moment ago."""
    return _free_port


@pytest.fixture(scope="session")
def natural_clip() -> Path:
    """A 720x480, 49 frames, 8 fps clip of natural texture (see tests/fixtures/video/README.md)."""
    return FIXTURES / "video" / "cogvx_ship.mp4"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a private PostgreSQL server's maintenance database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    binaries = found[-1] if found else None
    if binaries is None:
        pytest.skip("no PostgreSQL server binaries; install Debian's package postgresql")
    folder = Path(tempfile.mkdtemp(prefix="signet-postgres-"))
    # initdb refuses root, so root runs the server as the postgres user.
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    os.chown(folder, user.pw_uid, user.pw_gid)
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run(
            [str(binaries / command[0]), *command[1:]],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "-D", "data", "-A", "trust", "-U", "signet", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://signet@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_server: str, tmp_path: Path) -> str:
    """The URL of an empty database of this test's own."""
    name = f"test_{abs(hash(tmp_path))}"
    url = sa.make_url(postgres_server)
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return url.set(database=name).render_as_string()


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
