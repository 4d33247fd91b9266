"""The verifier's view of the database: from a mark or a manifest to the public record."""

from pathlib import Path

import sqlalchemy as sa

from api.db.models import Asset, Video
from api.db.session import Database
from api.states import State
from provenance.verify import Record


def public_name(model: str) -> str:
    """What strangers may know of a model's id: of a local folder only its name, not its path."""
    return Path(model).name if Path(model).is_absolute() else model


def record_of(video: Video, certificate_serial: str) -> Record:
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
    )


class DatabaseRegistry:
    """Looks up released videos only: a mark without a proved file is no record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_mark(self, mark_id: int) -> Record | None:
        """The record whose frames carry ``mark_id`` (0 <= mark_id < 2**64)."""
        return self._find(Video.mark_id == f"{mark_id:016x}")

    def by_manifest(self, label: str) -> Record | None:
        """The record whose manifest is called ``label`` (``urn:c2pa:…``)."""
        return self._find(Video.manifest_label == label)

    def _find(self, condition: sa.ColumnElement[bool]) -> Record | None:
        with self._database.transaction() as session:
            query = (
                sa.select(Video, Asset.certificate_serial)
                .join(Asset)
                .where(condition, Video.state == State.COMPLETED)
            )
            row = session.execute(query).one_or_none()
            return None if row is None else record_of(row[0], row[1])


class SingleRecord:
    """A registry of one: what the pipeline checks a finished file against before it is sealed."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def by_mark(self, mark_id: int) -> Record | None:
        """The record, if the mark is its own."""
        return self._record if mark_id == self._record.mark_id else None

    def by_manifest(self, label: str) -> Record | None:
        """The record, if the manifest is its own."""
        return self._record if label == self._record.manifest_label else None
