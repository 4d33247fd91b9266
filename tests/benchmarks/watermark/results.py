"""What was measured, as JSON lines, so that an interrupted study goes on where it stopped.

A row belongs to a version of the software it measured: for our mark the hash of its sources, for
a peer its release. Rows of other versions stay in the file and are ignored.
"""

import ast
import atexit
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .clips import REPOSITORY

Row = dict[str, Any]
FOLDER = REPOSITORY / ".bench" / "watermark"
PEER_VERSION = f"invisible-watermark {version('invisible-watermark')}"


@dataclass(frozen=True)
class Task:
    """One measurement: `measure(*arguments)` in another process gives the figures of a row."""

    section: str
    case: str
    version: str
    measure: Callable[..., Row]
    arguments: tuple[Any, ...]


class Results:
    """The rows of all sections, one file each in `folder`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / ".gitignore").write_text("*\n")
        for other in FOLDER.glob("cache/*"):
            if other != cache():
                shutil.rmtree(other, ignore_errors=True)  # two gigabytes each
        current = {our_version(), PEER_VERSION}
        self._rows: dict[tuple[str, str], Row] = {}
        for file in sorted(folder.glob("*.jsonl")):
            for line in file.read_text().splitlines():
                row = json.loads(line)
                if row["version"] in current:
                    self._rows[file.stem, row["case"]] = row

    def missing(self, tasks: list[Task]) -> list[Task]:
        """The tasks that have no row yet."""
        return [task for task in tasks if (task.section, task.case) not in self._rows]

    def add(self, task: Task, figures: Row) -> None:
        """Keep the figures of a task."""
        row = {"case": task.case, "version": task.version, **figures}
        self._rows[task.section, task.case] = row
        with (self._folder / f"{task.section}.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def rows(self, section: str) -> list[Row]:
        """The current rows of a section."""
        return [row for (name, _), row in self._rows.items() if name == section]


@lru_cache
def our_version() -> str:
    """A hash of the watermark's sources; comments, docstrings and layout do not count."""
    digest = hashlib.sha256()
    # Where imports come from, which `freeze` changes.
    package = Path(find_spec("provenance").origin).parent
    for file in sorted((package / "watermark").rglob("*.py")):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [part for part in body if not _is_text(part)]
        digest.update(f"{file.name} {ast.dump(tree)}".encode())
    return digest.hexdigest()[:12]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def freeze() -> None:
    """Have this process and its children import a copy of the watermark as it is now, so that a
    long run measures one version whatever is edited meanwhile. Call it before anything else."""
    folder = Path(tempfile.mkdtemp(prefix="watermark-study-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(REPOSITORY / "provenance", folder / "provenance")
    sys.path.insert(0, str(folder))


def cache() -> Path:
    """A folder for intermediate material of this version of the watermark."""
    return FOLDER / "cache" / our_version()
