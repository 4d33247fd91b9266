"""A throw-away PostgreSQL server."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoPostgresqlError(RuntimeError):
    """There are no server binaries."""


def find_free_port() -> int:
    """A TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_postgresql(*, durable: bool) -> Iterator[str]:
    """The URL of a private server's maintenance database.

    durable: whether commits wait for the disk, as they do in service. Raises NoPostgresqlError.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    binaries = found[-1] if found else None
    if binaries is None:
        raise NoPostgresqlError("no PostgreSQL server binaries; install Debian's postgresql")
    folder = Path(tempfile.mkdtemp(prefix="signet-postgres-"))
    # initdb refuses root, so root runs the server as the postgres user.
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    os.chown(folder, user.pw_uid, user.pw_gid)
    port = find_free_port()

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
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    if not durable:
        options += " -c fsync=off"
    run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://signet@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
