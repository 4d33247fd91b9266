"""Fingerprints of finished videos: rows, and an index of them that follows the table."""

import threading
from collections.abc import Iterator

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.db.models import Fingerprint as Row
from api.db.session import Database
from provenance.fingerprint import Fingerprint, Index, Query, indexed_codes

_OVERLAP = 1000
"""Rows with a lower id may be committed later; so many are looked at again."""


def add(session: Session, video_id: str, content: bytes) -> None:
    """Keep a fingerprint (`Fingerprint.to_bytes`) with its video."""
    codes = indexed_codes(Fingerprint.from_bytes(content)).astype("<u8").tobytes()
    session.add(Row(video_id=video_id, codes=codes, content=content))


def find(session: Session, video_id: str) -> Fingerprint | None:
    """The fingerprint of a video, if it has one."""
    content = session.scalar(sa.select(Row.content).where(Row.video_id == video_id))
    return None if content is None else Fingerprint.from_bytes(content)


def erase(session: Session, video_id: str) -> None:
    """Forget what a video looked like."""
    session.execute(sa.delete(Row).where(Row.video_id == video_id))


class FollowingIndex:
    """An index in this process that catches up with the table before each search.

    It may still lead to videos that were deleted meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = Index()
        self._last = 0
        self._recent: set[int] = set()
        self._lock = threading.Lock()

    def search(self, query: Query) -> list[str]:
        """As `Index.search`."""
        with self._lock:
            self._index.add(self._news())
            return self._index.search(query)

    def _news(self) -> Iterator[tuple[str, np.ndarray]]:
        """What was added since the last time."""
        query = sa.select(Row.id, Row.video_id, Row.codes).order_by(Row.id)
        query = query.where(Row.id > self._last - _OVERLAP)
        with self._database.transaction() as session:
            rows = [row for row in session.execute(query) if row.id not in self._recent]
        if rows:
            self._last = max(self._last, rows[-1].id)
            ids = self._recent.union(row.id for row in rows)
            self._recent = {each for each in ids if each > self._last - _OVERLAP}
        for row in rows:
            yield row.video_id, np.frombuffer(row.codes, "<u8").astype(np.uint64)
