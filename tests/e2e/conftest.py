"""A real server in a process of its own, as `make run` starts it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SIGNET = Path(sys.executable).with_name("signet")


@dataclass(frozen=True)
class Server:
    """Where it answers, with which key, and where its data lies."""

    url: str
    key: str
    data_dir: Path

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def signet(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this server's data."""
        environment = {**os.environ, "SIGNET_DATA_DIR": str(self.data_dir)}
        command = [str(SIGNET), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]
) -> Iterator[Server]:
    """A server that renders in its own process; started once for all tests."""
    data_dir = tmp_path_factory.mktemp("server")
    port = free_port()
    environment = {
        **os.environ,
        "SIGNET_DATA_DIR": str(data_dir),
        "SIGNET_PORT": str(port),
        "SIGNET_VERIFY_RATE": "1000/minute",
    }
    command = [str(SIGNET), "serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        banner = ""
        while "API reference" not in banner:
            line = process.stdout.readline()
            assert line, f"the server stopped: {banner}"
            banner += line
        key = re.search(r"sgn_\S+", banner)
        assert key is not None
        yield Server(f"http://127.0.0.1:{port}", key[0], data_dir)
        process.terminate()
        process.wait(30)
