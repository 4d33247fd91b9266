"""How commands answer: tables for people, JSON for machines, errors on standard error."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from api import __version__
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.texts import visible

EXIT_NO, EXIT_BAD_INPUT, EXIT_INTERNAL = 1, 2, 3

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]


class _Errors(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        """Whatever has markup=False may be a stranger's: no terminal is to obey it."""
        is_ours = "emoji" in options  # it comes by `out`, which is for documents of several lines
        if options.get("markup") is False and not is_ours:
            objects = tuple(
                visible(str(each)) if isinstance(each, str | Path) else each for each in objects
            )
        super().print(*objects, **options)


class _Console(_Errors):
    def on_broken_pipe(self) -> None:
        """A reader that has seen enough, such as `head`, must not change the exit code."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# A pipe has no width: never wrap or cut what another program reads.
console = _Console(highlight=False, width=None if sys.stdout.isatty() else 250)
errors = _Errors(stderr=True, highlight=False)


def fail(
    message: str, code: int, kind: str | None = None, extra: dict[str, Any] | None = None
) -> NoReturn:
    """Say what went wrong and exit; a caller that asked for JSON gets that too, and `extra`."""
    errors.print(f"signet: {message}", markup=False, soft_wrap=True)
    if "--json" in sys.argv:
        print_json(
            {"error": {"message": message, "code": kind, "exit_code": code}, **(extra or {})}
        )
    sys.exit(code)


def require_writable(file: Path) -> None:
    """Exit before anything is done whose result could not be written."""
    if file.is_dir():
        fail(f"{file} is a folder; name the file", EXIT_BAD_INPUT)
    if not os.access(file.absolute().parent, os.W_OK):
        fail(f"cannot write into {file.absolute().parent}", EXIT_BAD_INPUT)


def show_version(asked: bool) -> None:
    """Answer `--version`."""
    if asked:
        console.print(f"signet {__version__}")
        raise typer.Exit


def counted(number: int, one: str, many: str) -> str:
    """Such as `1 entry` or `2,000 entries`."""
    return f"{number:,} {one if number == 1 else many}"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    document = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    lines = (visible(line, spell=_escaped) for line in document.split("\n"))
    console.out("\n".join(lines), highlight=False)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A plain table that also reads well in a pipe; what is None stays empty."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))
    console.print(table)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar, to be told what is done and how much there is, if that is known."""
    # Where nobody watches, a bar would leave an empty line.
    with Progress(console=errors, transient=True, disable=not errors.is_interactive) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def local_service() -> Iterator[Service]:
    """The service over this user's data, migrated."""
    settings = Settings()
    migrate(settings)
    with open_service(settings) as service:
        yield service
