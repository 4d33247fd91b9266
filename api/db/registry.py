"""The verifier's view of the database: from a mark, a manifest or pictures to the public record."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from api.db import fingerprints
from api.db.fingerprints import FollowingIndex
from api.db.models import Asset, Video
from api.db.session import Database
from api.states import State
from provenance.fingerprint import Fingerprint, Query, compare
from provenance.verify import Record


def public_name(model: str) -> str:
    """What strangers may know of a model's id: of a local folder only its name, not its path."""
    return Path(model).name if Path(model).is_absolute() else model


def record_of(video: Video, certificate_serial: str, manifest: bytes) -> Record:
    """The public facts of a signed video: no prompt, no user, no tenant."""
    return Record(
        video_id=video.id,
        mark_id=int(video.mark_id, 16),
        manifest_label=video.manifest_label,
        created_at=video.created_at,
        model=public_name(video.model),
        width=video.request["width"],
        height=video.request["height"],
        num_frames=video.request["num_frames"],
        fps=video.request["fps"],
        certificate_serial=certificate_serial,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
    )


class DatabaseRegistry:
    """Looks up released videos only: a mark without a proved file is no record."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = FollowingIndex(database)

    def by_mark(self, mark_id: int) -> Record | None:
        """The record whose frames carry ``mark_id`` (0 <= mark_id < 2**64)."""
        return self._find_one(Video.mark_id == f"{mark_id:016x}")

    def by_manifest(self, label: str) -> Record | None:
        """The record whose manifest is called ``label`` (``urn:c2pa:…``)."""
        return self._find_one(Video.manifest_label == label)

    def by_pictures(self, query: Query) -> Sequence[Record]:
        """The records of videos that the query may be a copy of, the likeliest first."""
        ids = self._index.search(query)
        found = {record.video_id: record for record in self._find(Video.id.in_(ids))}
        return [found[video_id] for video_id in ids if video_id in found]

    def fingerprint_of(self, video_id: str) -> Fingerprint | None:
        """What a video looked like, unless it was deleted or is older than fingerprints."""
        with self._database.transaction() as session:
            return fingerprints.find(session, video_id)

    def _find(self, condition: sa.ColumnElement[bool]) -> list[Record]:
        query = (
            sa.select(Video, Asset.certificate_serial, Asset.manifest)
            .join(Asset)
            .where(condition, Video.state == State.COMPLETED)
        )
        with self._database.transaction() as session:
            return [record_of(*row) for row in session.execute(query)]

    def _find_one(self, condition: sa.ColumnElement[bool]) -> Record | None:
        return next(iter(self._find(condition)), None)


class SingleRecord:
    """A registry of one: what the pipeline checks a finished file against before it is sealed."""

    def __init__(self, record: Record, fingerprint: Fingerprint) -> None:
        self._record = record
        self._fingerprint = fingerprint

    def by_mark(self, mark_id: int) -> Record | None:
        """The record, if the mark is its own."""
        return self._record if mark_id == self._record.mark_id else None

    def by_manifest(self, label: str) -> Record | None:
        """The record, if the manifest is its own."""
        return self._record if label == self._record.manifest_label else None

    def by_pictures(self, query: Query) -> Sequence[Record]:
        """The record, if the pictures are its own."""
        return (self._record,) if compare(query, self._fingerprint).agrees else ()

    def fingerprint_of(self, video_id: str) -> Fingerprint | None:
        """That of the record."""
        return self._fingerprint if video_id == self._record.video_id else None
