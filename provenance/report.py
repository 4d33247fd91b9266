"""What a verification answers: the verdict, and every piece of evidence behind it.

A report is public. It holds no prompt, no user and no tenant.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from provenance.credential_report import CredentialReport
from provenance.generator_marks import GeneratorMark
from provenance.labels import UnsignedLabel
from provenance.verdict import Looks, Verdict
from provenance.watermark import Affine, OpenMark


@dataclass(frozen=True)
class RecordFacts:
    """What may be told about a recorded video: when it was made, and by which model."""

    created_at: datetime
    model: str


@dataclass(frozen=True)
class MarkEvidence:
    """The invisible marks in the picture.

    mark_id               16 hexadecimal digits, None when no keyed mark was read
    log10_false_positive  probability that unmarked pictures give this result, as log10
    geometry              how the picture was moved since it was marked, where that is known
    open_mark             the unkeyed mark, which anyone can read, write and remove
    """

    mark_id: str | None
    log10_false_positive: float
    geometry: Affine | None
    open_mark: OpenMark | None


@dataclass(frozen=True)
class FingerprintEvidence:
    """How the pictures compare with those of the recorded video `video_id`.

    looks        same, other, or unclear
    score        share of the pictures looked at, 0..1, that the recorded video shows too
    correlation  the median of theirs, -1..1
    pictures     how many of them are distinct enough to say anything
    searched     true where nothing but the pictures led to this video
    """

    video_id: str
    looks: Looks
    score: float
    correlation: float
    pictures: int
    searched: bool


@dataclass(frozen=True)
class TimelineSegment:
    """Frames `start` to `end` (exclusive), also in seconds, and the mark that they carry.

    `mark_id` is 16 hexadecimal digits or None; `video_id` is None for a mark that no record knows;
    `region` is the marked part of the picture as the detector gives it, None for all of it.
    """

    start: int
    end: int
    start_seconds: float
    end_seconds: float
    mark_id: str | None
    video_id: str | None
    region: tuple[float, float, float, float] | None


@dataclass(frozen=True)
class Report:
    """Answer to "where does this file come from, and what was done to it?"

    `video_id` and `record` belong to the video that the evidence points to; with the verdicts
    `transplanted`, `conflicting` and `unknown` that is only claimed. `changes` lists what was
    measured to differ from the released file, `not_checked` what nobody looked at.
    `generator_mark` is the open mark of another generator, `labels` what the metadata says about
    AI: anyone can write either. `seconds` is the playing time, None for what could not be decoded.
    `recovered_manifest` is the id of the manifest that the video was released with, where the marks
    lead to it and the file no longer holds it intact.
    """

    verdict: Verdict
    summary: str
    video_id: str | None
    record: RecordFacts | None
    credential: CredentialReport | None
    mark: MarkEvidence | None
    fingerprints: tuple[FingerprintEvidence, ...]
    segments: tuple[TimelineSegment, ...]
    changes: tuple[str, ...]
    not_checked: tuple[str, ...]
    generator_mark: GeneratorMark | None = None
    labels: tuple[UnsignedLabel, ...] = ()
    seconds: float | None = None
    recovered_manifest: str | None = None
    version: int = 2

    def to_dict(self) -> dict[str, Any]:
        """The report in JSON's types: times in RFC 3339, bytes in hexadecimal."""
        return {name: jsonable(value) for name, value in asdict(self).items()}


_CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    datetime: datetime.isoformat,
    bytes: bytes.hex,
}


def jsonable(value: Any) -> Any:
    """`value` (nested dicts, lists, tuples) in JSON's types: RFC 3339 times, hexadecimal bytes."""
    if isinstance(value, dict):
        return {name: jsonable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    convert = _CONVERSIONS.get(type(value))
    return convert(value) if convert else value
