"""The third signal: are the pictures those of the records that mark and manifest lead to, or of any
record at all?"""

from collections.abc import Callable, Iterable, Sequence

from provenance import sighting
from provenance.fingerprint import Match, Placement, Query, compare, examine, refutes
from provenance.media import Video
from provenance.record import Record, Registry
from provenance.report import FingerprintEvidence
from provenance.verdict import Looks
from provenance.watermark import Detection
from provenance.watermark.pattern import TILE

Seen = tuple[Record, FingerprintEvidence]


def examine_looks(
    video: Video,
    detection: Detection,
    named: Record | None,
    marked: Iterable[Record],
    registry: Registry,
    tick: Callable[[], None],
) -> list[Seen]:
    """Compare with each record that leads here; only where none does, search all.

    Of a video whose mark was read, only the frames with that mark are compared. `tick` is called
    before each comparison; what it raises ends them.
    """
    led = []
    for record in marked:
        tick()
        led.append(_compare_marked(video, detection, record, registry))
    if led:
        return [seen for seen in led if seen is not None]
    tick()
    query = examine(video.frames)
    if named is not None:
        seen = _compare(query, named, registry, None)
        return [] if seen is None else [seen]
    found = sighting.find(query, registry)
    return [_seen(each.record, each.match, "same", searched=True) for each in found[:1]]


def conclude(evidence: Sequence[FingerprintEvidence]) -> Looks:
    """What the evidence comes to: one record of other pictures spoils all."""
    found = {each.looks for each in evidence}
    if "other" in found:
        return "other"
    return "same" if found == {"same"} else "unclear"


def _compare_marked(
    video: Video, detection: Detection, record: Record, registry: Registry
) -> Seen | None:
    frames = [
        position
        for segment in detection.segments
        if segment.mark_id == record.mark_id
        for position in range(segment.start, segment.end)
    ]
    geometry = detection.geometry  # of the mark in most frames, and as a rule of the others
    placement = None if geometry is None else Placement(geometry.matrix, TILE)
    query = examine(video.frames, among=frames or None)
    return _compare(query, record, registry, placement)


def _compare(
    query: Query, record: Record, registry: Registry, placement: Placement | None
) -> Seen | None:
    """None where the record has no fingerprint."""
    stored = registry.fingerprint_of(record.video_id)
    if stored is None:
        return None
    match = compare(query, stored, placement)
    if placement is not None and not match.agrees:
        # The geometry may change over time: then the marks tell that of some frames only.
        match = max(match, compare(query, stored), key=lambda either: either.rank)
    looks: Looks = "same" if match.agrees else "unclear"
    if match.differs and refutes(query, stored, placement):
        looks = "other"
    return _seen(record, match, looks, searched=False)


def _seen(record: Record, match: Match, looks: Looks, *, searched: bool) -> Seen:
    return record, FingerprintEvidence(
        video_id=record.video_id,
        looks=looks,
        score=round(match.score, 3),
        correlation=round(match.correlation, 3),
        pictures=match.pictures,
        searched=searched,
    )
