"""`signet serve`, `signet worker` and `signet db`: the long-running side."""

import signal
import socket
import threading
from contextlib import ExitStack
from enum import StrEnum
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.exc import ProgrammingError

from api import auth, keyring, logs
from api.auth import Scope
from api.cli.output import EXIT_BAD_INPUT, console, fail
from api.db.session import Database
from api.lease import WorkerIdTakenError
from api.service import migrate, open_service
from api.settings import Settings
from api.worker import Worker

_GRACE_SECONDS = 5  # for requests in flight; a watcher of events would hold on forever

db = typer.Typer(help="The database.", no_args_is_help=True, rich_markup_mode=None)


class Role(StrEnum):
    """What a worker does."""

    ALL = "all"
    PRODUCE = "produce"
    RENDER = "render"


class _Server(uvicorn.Server):
    """Says hello once the socket listens, so that "ready" means ready."""

    def __init__(self, config: uvicorn.Config, banner: str) -> None:
        super().__init__(config)
        self._banner = banner

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            console.out(self._banner, highlight=False)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    worker: Annotated[bool, typer.Option(help="Also render in this process.")] = True,
) -> None:
    """Serve the HTTP API (and, unless --no-worker, render in this process)."""
    from api.app import create_app  # FastAPI is slow to load, and no other command needs it

    settings = Settings()
    logs.configure(json_lines=settings.mode == "production")
    migrate(settings)
    keyring.load(settings)  # a missing secret must stop the start, not the first request
    host, port = host or settings.host, port or settings.port
    url = f"http://{host}:{port}"
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        fail(f"{url}: {error.strerror}; choose another --port or SIGNET_PORT", EXIT_BAD_INPUT)
    with listener, open_service(settings) as service, ExitStack() as stack:
        service.guards.start()
        if worker:
            running = service.worker(models=settings.models, produces=True)
            _start(running)
            stack.callback(running.stop)
        config = uvicorn.Config(
            create_app(service),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        _Server(config, _banner(settings, url)).run(sockets=[listener])


def worker(
    role: Annotated[
        Role, typer.Option(help="render: only GPU work, needs no keys; produce: all but that.")
    ] = Role.ALL,
) -> None:
    """Run jobs from the queue until stopped; unfinished ones resume elsewhere or later."""
    settings = Settings()
    logs.configure(json_lines=settings.mode == "production")
    migrate(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_service(settings) as service:
        if role is not Role.RENDER:
            keyring.load(settings)  # a missing secret must stop the start, not the first video
        running = service.worker(
            models=[] if role is Role.PRODUCE else settings.models,
            produces=role is not Role.RENDER,
        )
        _start(running)
        console.print(f"worker {settings.worker_id} is ready ({role})", markup=False)
        stop.wait()
        running.stop()


@db.command()
def upgrade(
    role: Annotated[
        str | None,
        typer.Option(
            help="A PostgreSQL role to serve with: it gets no right to change what was logged."
        ),
    ] = None,
) -> None:
    """Bring the databases to the current schema."""
    settings = Settings()
    try:
        migrate(settings, role)
    except ValueError as error:
        fail(str(error), EXIT_BAD_INPUT)
    except ProgrammingError as error:
        fail(f"the database refuses: {error.orig}", EXIT_BAD_INPUT)
    console.print(f"{settings.data_dir}: up to date", markup=False)


def _start(worker: Worker) -> None:
    try:
        worker.start()
    except WorkerIdTakenError as error:
        fail(str(error), EXIT_BAD_INPUT)


def _banner(settings: Settings, url: str) -> str:
    if settings.mode == "production":
        return f"Signet is ready at {url}"
    key = _development_key(settings)
    return f"""
Signet is ready at {url}   (data in {settings.data_dir})
API key, all scopes, development only:
    {key}
Try it:
    curl -s {url}/v1/videos -H "Authorization: Bearer {key}" \
-F prompt="a red circle moves left to right over a blue background"
API reference: {url}/docs
"""


def _development_key(settings: Settings) -> str:
    """A key that is kept in a file, so that every start can print the same one."""
    path = settings.data_dir / "api-key"
    if not path.exists():
        database = Database(settings.app_database_url)
        with database.transaction() as session:
            text = auth.create_key(
                session,
                name="development",
                tenant="default",
                scopes=list(Scope),
                actor="cli",
            )
        database.close()
        keyring.create_secret_file(path, text)
    return path.read_text()
