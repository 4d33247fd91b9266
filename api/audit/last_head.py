"""What was signed last on this host, kept outside the database.

A database that was restored from a backup has forgotten the newest heads, and its owner can make it
forget them. Whoever signed on from there would sign a second history with the same key, which is
just what the log promises never to do, and the database alone cannot tell.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from api.audit import folder, tree
from api.audit.tree import NotLoggedError
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import EMPTY_ROOT
from provenance.ledger.proofs import consistency_proof, verify_consistency
from provenance.ledger.tile_store import hash_reader


class LostHeadError(RuntimeError):
    """The database is not the one whose head was signed here last, or nothing tells whether it
    is."""


class LastHead:
    """The newest signed head that this host has seen in its database, in a file. key: the log's."""

    def __init__(self, path: Path, key: VerifierKey) -> None:
        self._path = path
        self._key = key

    def read(self) -> Checkpoint | None:
        """The head in the file; None if there is no file. Raises LostHeadError for a file that
        holds no head of this log."""
        note = self._note()
        if note is None:
            return None
        try:
            return open_checkpoint(note, [self._key])[0]
        except LedgerError as error:
            raise LostHeadError(
                f"{self._path} is not the head that was signed here last ({error}), so nothing "
                "more is signed: see “After a restore” in docs/audit.md"
            ) from error

    def require(self, session: Session, size: int, root: bytes) -> None:
        """Raises LostHeadError unless the tree of `size` entries with this root, as the database
        holds it, continues the head in the file, if any."""
        self._require_growth(session, self.read(), size, root)

    def follow(self, session: Session) -> None:
        """Keep the database's newest head; the session must not have read before.

        Raises LostHeadError, and keeps the head in the file, unless it is continued by the newest;
        LedgerError for a newest head that the log has not signed.
        """
        note, kept = self._note(), self.read()  # first: others sign on, and keep that
        head = tree.newest_checkpoint(session)
        if head is None:
            self._require_growth(session, kept, 0, EMPTY_ROOT)
        elif head.note != note:
            newest, _ = open_checkpoint(head.note, [self._key])
            self._require_growth(session, kept, newest.size, newest.root)
            self.keep(head.note)

    def keep(self, note: bytes) -> None:
        """Put a signed head of a tree that was required to continue the head in the file into its
        place, unless another process of this host has kept a newer one meanwhile."""
        with self._alone():
            kept = self.read()
            if kept is None or kept.size < Checkpoint.parse_signed(note).size:
                folder.write(self._path.parent, self._path.name, note, durable=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process of this host compare and write meanwhile, until it ends or dies."""
        file = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def _note(self) -> bytes | None:
        return self._path.read_bytes() if self._path.exists() else None

    def _require_growth(
        self, session: Session, kept: Checkpoint | None, size: int, root: bytes
    ) -> None:
        if kept is None:
            return
        try:
            read = hash_reader(tree.tile_reader(session), size)
            proof = consistency_proof(read, kept.size, size)
            verify_consistency(kept.size, size, proof, kept.root, root)
        except (LedgerError, NotLoggedError) as error:
            raise LostHeadError(
                f"the database lacks the head of {kept.size} entries that was signed here last "
                f"({self._path}), so nothing more is signed: see “After a restore” in docs/audit.md"
            ) from error
