"""The verifier's view of the database: public facts of released videos, found by mark, label or
pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provenance.fingerprint import Fingerprint, Query


@dataclass(frozen=True)
class Record:
    """Public facts of one released video.

    `mark_id` is the 64-bit id in its frames, `certificate_serial` (decimal) the certificate that
    signed its manifest: a label alone can be copied by anyone. `manifest_sha256` (hexadecimal) is
    of the whole manifest store, of which a signature leaves some bytes out.
    """

    video_id: str
    mark_id: int
    manifest_label: str
    created_at: datetime
    model: str
    width: int
    height: int
    num_frames: int
    fps: float
    certificate_serial: str
    manifest_sha256: str


class Registry(Protocol):
    """Finds records; None, or nothing, for what was never released here."""

    def by_mark(self, mark_id: int) -> Record | None:
        """The record whose frames carry `mark_id` (0 <= mark_id < 2**64)."""
        ...

    def by_manifest(self, label: str) -> Record | None:
        """The record whose manifest is called `label`."""
        ...

    def by_pictures(self, query: Query) -> Sequence[Record]:
        """Records of videos that the query may be a copy of, the likeliest first; most are not."""
        ...

    def fingerprint_of(self, video_id: str) -> Fingerprint | None:
        """What the pictures of a recorded video looked like; None once it was deleted, and for
        videos that are older than fingerprints."""
        ...
