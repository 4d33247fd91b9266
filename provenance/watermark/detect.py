"""Find the marks of a clip and say which frames carry which id."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from provenance.watermark import blind, clip, open_mark, region, synchronise, view
from provenance.watermark.clip import ClipReading, Group
from provenance.watermark.keys import schedule
from provenance.watermark.planes import Planes
from provenance.watermark.read import Reading, Trials
from provenance.watermark.types import (
    Detection,
    Frames,
    Segment,
    Tick,
    WatermarkError,
    check_frames,
)

_UNMARKED = -1


def detect(frames: Frames, keys: Sequence[bytes], tick: Tick = lambda: None) -> Detection:
    """Search RGB frames, uint8 (N, H, W, 3) with H, W >= 128, for marks of any of the keys.

    The picture as it is comes first. Only where that proves no id are unknown geometries searched:
    any crop, scale, stretch, turn and mirroring, a picture within the picture, and geometry that
    changes over time. An id is reported only with its keyed tag right and a false-positive bound of
    1e-9 or less; see `decision`. Once an id is proven, other geometries are not searched for
    further ids. Reads frames one at a time. What `tick` raises ends the search.
    Raises WatermarkError (a ValueError) for other arguments, short keys, or none.
    """
    check_frames(frames)
    if not keys:
        raise WatermarkError("detection needs at least one key")
    schedules = [schedule(key) for key in keys]
    height, width = frames.shape[1:3]
    trials = Trials(2 * len(keys) * synchronise.POSITIONS, 2 * len(keys))  # round 1, see `blind`
    planes = Planes(frames, tick)
    found = clip.read_still(planes, view.whole(width, height), schedules, trials)
    if not _proven_ids(found.readings()):
        sighting = blind.find(planes, schedules)
        if sighting is not None and sighting.reading.rank < found.overall.rank:
            found, trials = _look_again(planes, sighting), sighting.trials
    found = clip.follow(planes, clip.polish(planes, found), trials)
    segments = _segments(planes, found)
    strongest = _strongest(found.readings(), segments)
    if strongest.proven and not segments:
        segments = (Segment(0, len(frames), None, None),)
    seen = next((g.view for g in found.groups if g.reading is strongest), found.view)
    return Detection(
        mark_id=strongest.mark_id if strongest.proven else None,
        log10_false_positive=strongest.log10_false_positive,
        segments=segments,
        geometry=seen.affine(strongest.placement) if strongest.proven else None,
        open_mark=open_mark.read(frames),
    )


def _look_again(planes: Planes, sighting: blind.Sighting) -> ClipReading:
    """Every frame, now that it is known how to look."""
    reading = sighting.reading
    found = clip.read_still(planes, sighting.view, [reading.schedule], sighting.trials)
    if sighting.frame is not None:
        groups = [
            replace(group, view=sighting.view, reading=reading)
            if group.start <= sighting.frame < group.end
            else group
            for group in found.groups
        ]
        found = replace(found, groups=groups)
    # All frames together can say less than those that gave it away.
    better = reading.rank < found.overall.rank
    return replace(found, overall=reading) if better else found


def _proven_ids(readings: Sequence[Reading]) -> list[Reading]:
    """The best proven reading of each id."""
    proven = [r for r in readings if r.proven and r.mark_id is not None]
    return list({r.mark_id: r for r in sorted(proven, key=lambda r: r.rank, reverse=True)}.values())


def _segments(planes: Planes, found: ClipReading) -> tuple[Segment, ...]:
    """Runs of groups with the same label; unmarked runs are left out."""
    labels = _labels(found)
    part = _region(planes, found)
    segments = []
    for label, run in groupby(range(len(labels)), key=lambda index: labels[index]):
        groups = [found.groups[index] for index in run]
        if label != _UNMARKED:
            where = part if label is not None and label == found.overall.mark_id else None
            segments.append(Segment(groups[0].start, groups[-1].end, label, where))
    return tuple(segments)


def _labels(found: ClipReading) -> list[int | None]:
    """Per group: the id it carries, None for a mark without a readable id, or _UNMARKED."""
    labels: list[int | None] = [
        g.reading.mark_id if g.reading.proven else _UNMARKED for g in found.groups
    ]
    known = _proven_ids(found.readings())
    scores = np.array([[_fit(group, reading) for reading in known] for group in found.groups])
    for group, row in enumerate(scores):
        if row.size == 0 or found.groups[group].reading.mark_id is not None:
            continue
        enough = min(clip.CERTAIN_SCORE, max(clip.WEAK_SCORE, scores[:, row.argmax()].max() / 2))
        if row.max() >= enough:
            labels[group] = known[row.argmax()].mark_id
    return labels


def _fit(group: Group, reading: Reading) -> float:
    """How well a group fits a known id, where that was read or where the group's own pilot is."""
    return max(
        clip.fit(group.band, reading), clip.fit(group.band, reading, group.reading.placement)
    )


def _region(planes: Planes, found: ClipReading) -> tuple[float, float, float, float] | None:
    """The part of the picture that carries the mark, in shares of width and height; None where it
    moves or is too weak to tell."""
    still = all(group.view is found.view for group in found.groups)
    if not still or found.overall.log10_false_positive > clip.STRONG_EVIDENCE:
        return None
    width, height = found.view.size
    plane = found.plane
    if found.view.window != (0, 0, width, height):
        everything = found.view.through((0, 0, width, height))
        plane = planes.glance(everything)
    box = region.marked_part(plane, found.view, found.overall)
    if box is None:
        return None
    left, top, right, bottom = box
    return (left / width, top / height, right / width, bottom / height)


def _strongest(readings: Sequence[Reading], segments: Sequence[Segment]) -> Reading:
    """The best evidence for the id that most frames carry, or else the best evidence at all."""
    frames_of: dict[int, int] = {}
    for segment in segments:
        if segment.mark_id is not None:
            length = segment.end - segment.start
            frames_of[segment.mark_id] = frames_of.get(segment.mark_id, 0) + length
    if frames_of:
        longest = max(frames_of, key=lambda mark_id: frames_of[mark_id])
        readings = [r for r in readings if r.mark_id == longest]
    return min(readings, key=lambda reading: reading.log10_false_positive)
