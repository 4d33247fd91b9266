"""SHA-256 sums of a checkpoint's files, in the format of coreutils' `sha256sum`.

They leave out Markdown: a model card is for people, and may be corrected.
"""

import hashlib
from pathlib import Path

NAME = "SHA256SUMS"


def write(folder: Path) -> None:
    """Write the sums of all files in `folder` into its SHA256SUMS."""
    lines = [f"{_sum(folder / name)}  {name}\n" for name in _files(folder)]
    (folder / NAME).write_text("".join(lines))


def changed(folder: Path) -> list[str]:
    """Files, relative to `folder`, that are missing from it, differ from its SHA256SUMS or are
    not listed there.

    Raises OSError where there is no SHA256SUMS.
    """
    listed = {}
    for line in (folder / NAME).read_text().splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    there = {name: _sum(folder / name) for name in _files(folder)}
    return sorted(name for name in listed | there if listed.get(name) != there.get(name))


def _files(folder: Path) -> list[str]:
    files = (
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME and path.suffix != ".md"
    )
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
