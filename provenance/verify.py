"""Where does this video come from, and what was done to it?

Three signals are gathered independently: the manifest in the file, the marks in the pictures, and
what the pictures look like. The registry tells which records they point to, and `verdict.decide`
weighs them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from provenance import generator_marks, looks, wording
from provenance.credentials import CredentialReport, TrustSettings, read
from provenance.generator_marks import GeneratorMark
from provenance.media import LimitExceeded, Limits, Unreadable, Video, decode
from provenance.phrases import Language
from provenance.record import Record, Registry
from provenance.report import (
    FingerprintEvidence,
    MarkEvidence,
    RecordFacts,
    Report,
    TimelineSegment,
)
from provenance.verdict import Signals, Verdict, decide
from provenance.watermark import MAX_SIDE, MIN_SIDE, Detection, detect

__all__ = ["Record", "Registry", "Report", "judge", "verify"]

_NOTHING_DETECTED = Detection(None, 0.0, (), None, None)


def verify(
    path: Path,
    registry: Registry,
    *,
    keys: Sequence[bytes],
    trust: TrustSettings,
    limits: Limits,
    language: Language = "en",
) -> Report:
    """Judge one file; hostile content yields a report, its sentences in `language`, never a crash.

    `keys` are all watermark keys ever used. `trust` holds the anchors of this service's signers.
    Raises `media.LimitExceeded` when decoding, or looking at the pictures thereafter, would cost
    more than `limits` allow, `media.Refused` for a stream of a kind that is not examined, plain
    `media.MediaError` when this machine could not decode, OSError when `path` cannot be opened.
    """
    try:
        video = decode(path, limits)
    except Unreadable:
        return _unreadable(read(path, trust), language)
    with video:
        credential = read(path, trust)
        tick = _deadline(limits.max_wall_seconds)
        return judge(video, credential, registry, keys=keys, language=language, tick=tick)


def _deadline(seconds: float) -> Callable[[], None]:
    """From now on; the answer raises LimitExceeded once they are over."""
    end = time.monotonic() + seconds

    def tick() -> None:
        if time.monotonic() > end:
            raise LimitExceeded(
                "max_wall_seconds", seconds, "the pictures take too long to examine"
            )

    return tick


def judge(
    video: Video,
    credential: CredentialReport,
    registry: Registry,
    *,
    keys: Sequence[bytes],
    language: Language = "en",
    tick: Callable[[], None] = lambda: None,
) -> Report:
    """Judge a file whose pictures and manifest have been read; `keys` as in `verify`. `tick` is
    called every now and then; what it raises ends the work."""
    detection = detect(video.frames, keys, tick) if _markable(video) else _NOTHING_DETECTED
    generator_mark = generator_marks.read(video.frames)
    return _weigh(video, detection, credential, generator_mark, registry, language, tick)


def _markable(video: Video) -> bool:
    sides = (video.width, video.height)
    return min(sides) >= MIN_SIDE and max(sides) <= MAX_SIDE


def _unreadable(credential: CredentialReport, language: Language) -> Report:
    return Report(
        verdict=decide(Signals(decodable=False)),
        summary=wording.summary("unreadable", None, credential, language=language),
        video_id=None,
        record=None,
        credential=credential,
        mark=None,
        fingerprints=(),
        segments=(),
        changes=(),
        not_checked=wording.not_checked(language, decoded=False),
    )


def _weigh(
    video: Video,
    detection: Detection,
    credential: CredentialReport,
    generator_mark: GeneratorMark | None,
    registry: Registry,
    language: Language,
    tick: Callable[[], None],
) -> Report:
    label = credential.manifest_label
    named = registry.by_manifest(label) if label is not None else None
    # The id proven for most frames comes first: it names the record that the report is about.
    ids = dict.fromkeys([detection.mark_id, *(segment.mark_id for segment in detection.segments)])
    found = {mark_id: registry.by_mark(mark_id) for mark_id in ids if mark_id is not None}
    marked = [record for record in found.values() if record]
    seen = looks.examine_looks(video, detection, named, marked, registry, tick)
    signals = _signals(video, detection, credential, generator_mark, named, found, seen)
    verdict = decide(signals)
    record = None if verdict == "other_generator" else _subject(marked, named, seen)
    odd = wording.odd_mark(
        unrecorded=signals.unrecorded_mark,
        unreadable=signals.unreadable_mark,
        open_mark=detection.open_mark is not None and detection.open_mark.matches,
    )
    compared = record is None or signals.looks != "unclear"
    return Report(
        verdict=verdict,
        summary=wording.summary(
            verdict,
            record,
            credential,
            odd,
            signals.looks,
            marked=bool(marked),
            named=named is not None,
            generator_mark=generator_mark,
            labels=video.labels,
            language=language,
        ),
        video_id=record.video_id if record else None,
        record=RecordFacts(record.created_at, record.model) if record else None,
        credential=credential,
        mark=_mark_evidence(detection),
        fingerprints=tuple(evidence for _, evidence in seen),
        segments=_timeline(detection, found, video.fps),
        changes=_changes(verdict, video, detection, credential, record, language),
        not_checked=wording.not_checked(language, markable=_markable(video), compared=compared),
        generator_mark=generator_mark,
        labels=video.labels,
        seconds=round(video.num_frames / video.fps, 3),
        recovered_manifest=_recovered(verdict, record),
    )


def _recovered(verdict: Verdict, record: Record | None) -> str | None:
    return record.manifest_label if record and verdict in ("altered", "partial") else None


def _subject(
    marked: Sequence[Record],
    named: Record | None,
    seen: Sequence[tuple[Record, FingerprintEvidence]],
) -> Record | None:
    """The record that the report is about: one whose pictures are others before all, then what the
    mark, the manifest and the looks lead to."""
    others = [record for record, evidence in seen if evidence.looks == "other"]
    alike = [record for record, _ in seen]
    return next(iter([*others, *marked, *([named] if named else []), *alike]), None)


def _signals(
    video: Video,
    detection: Detection,
    credential: CredentialReport,
    generator_mark: GeneratorMark | None,
    named: Record | None,
    found: Mapping[int, Record | None],
    seen: Sequence[tuple[Record, FingerprintEvidence]],
) -> Signals:
    return Signals(
        credential=credential.state,
        credential_record=named.video_id if named else None,
        signed_by_us=named is not None
        and credential.trusted_by == "service"
        and credential.certificate_serial == named.certificate_serial
        and credential.manifest_sha256 == named.manifest_sha256,
        ai_generated=credential.ai_generated,
        mark_records=frozenset(record.video_id for record in found.values() if record),
        unrecorded_mark=None in found.values(),
        unreadable_mark=any(segment.mark_id is None for segment in detection.segments),
        whole=len(found) == 1 and _covers_everything(detection, video.num_frames),
        generator_mark=generator_mark is not None,
        looks=looks.conclude([evidence for _, evidence in seen]),
    )


def _covers_everything(detection: Detection, num_frames: int) -> bool:
    covered = np.zeros(num_frames, bool)
    for segment in detection.segments:
        if segment.region is None:
            covered[segment.start : segment.end] = True
    return bool(covered.all())


def _mark_evidence(detection: Detection) -> MarkEvidence | None:
    if not detection.segments and not (detection.open_mark and detection.open_mark.matches):
        return None
    return MarkEvidence(
        mark_id=_hexadecimal(detection.mark_id),
        log10_false_positive=detection.log10_false_positive,
        geometry=detection.geometry,
        open_mark=detection.open_mark,
    )


def _timeline(
    detection: Detection, found: Mapping[int, Record | None], fps: float
) -> tuple[TimelineSegment, ...]:
    segments = []
    for segment in detection.segments:
        record = None if segment.mark_id is None else found[segment.mark_id]
        segments.append(
            TimelineSegment(
                start=segment.start,
                end=segment.end,
                start_seconds=round(segment.start / fps, 3),
                end_seconds=round(segment.end / fps, 3),
                mark_id=_hexadecimal(segment.mark_id),
                video_id=record.video_id if record else None,
                region=segment.region,
            )
        )
    return tuple(segments)


def _changes(
    verdict: Verdict,
    video: Video,
    detection: Detection,
    credential: CredentialReport,
    record: Record | None,
    language: Language,
) -> tuple[str, ...]:
    """Only where the whole file descends from one record can its shape be compared with it."""
    if record is None or verdict not in ("altered", "partial"):
        return ()
    changes = wording.credential_changes(credential, record, language)
    if verdict == "altered":
        changes += wording.picture_changes(video, record, detection.geometry, language)
    return changes


def _hexadecimal(mark_id: int | None) -> str | None:
    return None if mark_id is None else f"{mark_id:016x}"
