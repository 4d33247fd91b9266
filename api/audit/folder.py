"""Files below a folder that strangers may have filled.

No link is followed, and nothing is read but regular files of a bounded size: a link may lead to a
file of somebody else, or to a device without an end.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_DRAFT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Opening a pipe that nobody writes to would wait otherwise.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read(folder: Path, name: str, limit: int) -> bytes:
    """The contents of a file. Raises OSError unless it is a regular one of `limit` bytes at most,
    under its own name."""
    with _parent(folder, name) as (parent, last):
        file = os.open(last, _FILE, dir_fd=parent)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        with os.fdopen(file, "rb", closefd=False) as opened:
            content = opened.read(limit + 1)
    finally:
        os.close(file)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"longer than {limit} bytes", name)
    return content


def has(folder: Path, name: str) -> bool:
    """Whether there is a regular file of that name."""
    try:
        with _parent(folder, name) as (parent, last):
            found = os.stat(last, dir_fd=parent, follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode)


def names(folder: Path, below: str) -> Iterator[str]:
    """What lies below a folder in it and is no folder, of whatever kind; no link is followed."""
    for here, _, files in os.walk(folder / below):
        for file in files:
            yield (Path(here) / file).relative_to(folder).as_posix()


def write(folder: Path, name: str, content: bytes, *, durable: bool = False) -> None:
    """Put a file in its place in one step, and the folders above it. durable: whether it has to be
    there after a power cut, too. Raises OSError."""
    with _parent(folder, name, make=True) as (parent, last):
        draft = f".{last}.{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(draft, _DRAFT, 0o666, dir_fd=parent), "wb") as opened:
                opened.write(content)
                if durable:
                    opened.flush()
                    os.fsync(opened.fileno())
            os.replace(draft, last, src_dir_fd=parent, dst_dir_fd=parent)
            if durable:
                os.fsync(parent)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=parent)


@contextmanager
def _parent(folder: Path, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """The open folder that a file lies in, and the last part of its name."""
    *above, last = PurePosixPath(name).parts
    here = os.open(folder, _FOLDER)
    try:
        for part in above:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here, last
    finally:
        os.close(here)
