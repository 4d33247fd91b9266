"""The whole log as a folder of files: signed head, tiles, entries (C2SP tlog-tiles).

Any static web server can serve it as a log, and nothing but the folder is needed to check it. What
is personal is not in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from api.audit import tree
from api.audit.tree import NotLoggedError
from provenance.ledger.checkpoint import open_checkpoint
from provenance.ledger.keys import VerifierKey
from provenance.ledger.mirror import check_tiles
from provenance.ledger.tiles import grown_tiles

_HEAD, _KEY = "checkpoint", "verifier-key"


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """What `verify` found. size: entries of the log. problems: sentences."""

    size: int
    key: VerifierKey
    problems: tuple[str, ...]


def write(
    session: Session, folder: Path, key: VerifierKey, on_progress: Callable[[int, int], None]
) -> int:
    """Copy the log up to its newest signed head; returns how many entries that has.

    Tiles that are there stay as they are, since they never change, so a copy can be brought up to
    date. on_progress: called with files done, and in all. Raises NotLoggedError where nothing was
    logged yet.
    """
    head = tree.newest_checkpoint(session)
    if head is None:
        raise NotLoggedError("nothing was logged yet")
    size, note = head.size, head.note
    tiles = list(grown_tiles(0, size))
    for done, tile in enumerate(tiles, start=1):
        file = folder / tile.path
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            _replace(file, tree.read_tile(session, tile.path))
            session.expunge_all()
        on_progress(done, len(tiles))
    _replace(folder / _KEY, f"{key}\n".encode())
    _replace(folder / _HEAD, note)  # last: what it covers is there
    return size


def verify(
    folder: Path, key: VerifierKey | None, on_progress: Callable[[int, int], None]
) -> MirrorReport:
    """Check every entry and tile of a copy against its signed head.

    key: the log's, as the verifier knows it; None believes the folder's own. on_progress: called
    with entries done, and in all. Raises OSError where there is no head or key, and LedgerError
    where the head is not signed with the key.
    """
    key = key or VerifierKey.parse((folder / _KEY).read_text(encoding="utf-8").strip())
    head, _ = open_checkpoint((folder / _HEAD).read_bytes(), [key])

    def read(path: str) -> bytes:
        if not (folder / path).is_file():  # nor a pipe, which would be waited for
            raise LookupError("there is no such file")
        return (folder / path).read_bytes()

    return MirrorReport(head.size, key, tuple(check_tiles(read, head, on_progress)))


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_name(f"{file.name}.draft")
    draft.write_bytes(content)
    draft.replace(file)
