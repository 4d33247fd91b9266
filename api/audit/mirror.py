"""The whole log as a folder of files: signed head, tiles, entries (C2SP tlog-tiles).

Any static web server can serve it as a log, and nothing but the folder is needed to check it. What
is personal is not in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from api.audit import folder as files
from api.audit import heads, tree
from api.audit.tree import NotLoggedError
from provenance.ledger.bundles import MAX_ENTRY_BYTES
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import LedgerError, ProofError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.mirror import check_tiles
from provenance.ledger.proofs import consistency_proof, verify_consistency
from provenance.ledger.tile_store import TileReader, hash_reader
from provenance.ledger.tiles import TILE_WIDTH, grown_tiles

HEAD, _KEY = "checkpoint", "verifier-key"
_LARGEST = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)  # a bundle of entries


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
    logged yet, and LedgerError where the log is no continuation of what the folder holds.
    """
    head = tree.newest_checkpoint(session)
    if head is None:
        raise NotLoggedError("nothing was logged yet")
    size, note = head.size, head.note
    folder.mkdir(parents=True, exist_ok=True)
    require_continuation(tree.tile_reader(session), folder, open_checkpoint(note, [key])[0], key)
    tiles = list(grown_tiles(0, size))
    for done, tile in enumerate(tiles, start=1):
        if not files.has(folder, tile.path):
            files.write(folder, tile.path, tree.read_tile(session, tile.path))
            session.expunge_all()
        on_progress(done, len(tiles))
    finish(folder, note, key)
    return size


def finish(folder: Path, note: bytes, key: VerifierKey) -> None:
    """Put the signed head into a folder that holds all it covers, and the log's key."""
    files.write(folder, _KEY, f"{key}\n".encode())
    files.write(folder, HEAD, note)


def verify(
    folder: Path,
    key: VerifierKey | None,
    on_progress: Callable[[int, int], None],
    kept: bytes | None = None,
) -> MirrorReport:
    """Check every entry and tile of a copy against its signed head, tiles of its past too.

    key: the log's, as the verifier knows it; None believes the folder's own. on_progress: called
    with entries done, and in all. kept: a signed head of the log from elsewhere, which has to be
    one of the copy's beginnings. Raises OSError where there is no head or key, and LedgerError
    where a head is not signed with the key.
    """
    key = key or VerifierKey.parse(files.read(folder, _KEY, _LARGEST).decode().strip())
    head, _ = open_checkpoint(files.read(folder, HEAD, _LARGEST), [key])
    beginning = heads.open_kept(kept, key) if kept is not None else None

    def read(path: str) -> bytes:
        try:
            return files.read(folder, path, _LARGEST)
        except OSError as error:
            raise LookupError(f"there is no such file: {error.strerror}") from error

    there = files.names(folder, "tile")
    problems = check_tiles(read, head, on_progress, beginning, there)
    return MirrorReport(head.size, key, tuple(problems))


def require_continuation(
    read: TileReader, folder: Path, head: Checkpoint, key: VerifierKey
) -> None:
    """Whoever has kept a folder relies on its head: another history must not take its place.

    read: finds the log's tiles. head: the log's. Raises LedgerError unless it continues the
    folder's, if there is one.
    """
    if not files.has(folder, HEAD):
        return
    try:
        there, _ = open_checkpoint(files.read(folder, HEAD, _LARGEST), [key])
        if there.size > head.size:
            raise ProofError(f"its head covers {there.size} entries, and the log has {head.size}")
        proof = consistency_proof(hash_reader(read, head.size), there.size, head.size)
        verify_consistency(there.size, head.size, proof, there.root, head.root)
    except LedgerError as error:
        raise type(error)(f"the log is no continuation of what is there: {error}") from error
