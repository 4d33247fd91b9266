"""What was signed last on this host, kept outside the database.

A database that was restored from a backup has forgotten the newest heads. Whoever signed on from
there would sign a second history with the same key, which is just what the log promises never to
do, and the database alone cannot tell.
"""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy.orm import Session

from api.audit import tree
from api.db.models import AuditCheckpoint
from provenance.ledger.checkpoint import Checkpoint


class LostHeadError(RuntimeError):
    """The database is not the one whose head was signed here last."""


class LastHead:
    """The newest signed head that this host has seen in its database, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def require(self, session: Session) -> None:
        """Raises LostHeadError unless the log in the database has the head in the file, if any."""
        if not self._path.exists():
            return
        note = self._path.read_bytes()
        size = Checkpoint.parse_signed(note).size
        head = session.get(AuditCheckpoint, size)
        if head is None or head.note != note:
            raise LostHeadError(
                f"the database lacks the head of {size} entries that was signed here last "
                f"({self._path}), so nothing more is signed: see “After a restore” in docs/audit.md"
            )

    def keep(self, session: Session) -> None:
        """Remember the newest head."""
        head = tree.newest_checkpoint(session)
        if head is not None and not (self._path.exists() and self._path.read_bytes() == head.note):
            with NamedTemporaryFile(dir=self._path.parent, delete=False) as draft:
                draft.write(head.note)
            os.replace(draft.name, self._path)  # several processes of a host may do so at once
