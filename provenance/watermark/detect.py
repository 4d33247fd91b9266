"""Find the marks of a clip and say which frames carry which id."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

from provenance.watermark import open_mark, residual, synchronise
from provenance.watermark.keys import schedule
from provenance.watermark.read import Reading, data_score, read
from provenance.watermark.types import (
    Detection,
    Frames,
    Plane,
    Segment,
    WatermarkError,
    check_frames,
)

GROUP_FRAMES = 8
"""Frames per group: the resolution of `segments`."""
MOST_GROUPS = 512
"""A clip of more than 4,096 frames gets longer groups, so that memory does not grow with it."""
CERTAIN_SCORE = 3.5
"""Data score that gives a group to an id proven in the clip; chance reaches it at most once in
450 groups. Where compression left even the best group weak, half its score will do."""

_UNMARKED = -1


def detect(frames: Frames, keys: Sequence[bytes]) -> Detection:
    """Search RGB frames, uint8 (N, H, W, 3) with H, W >= 128, for marks of any of the keys.

    Finds the mark after any shift, crop, mirroring and quarter turn, in any subset and order of the
    frames. An id is reported only with its keyed tag right and a false-positive bound of 1e-9 or
    less; see `decision`. Reads frames one at a time.
    Raises WatermarkError (a ValueError) for other arguments, short keys, or none.
    """
    check_frames(frames)
    if not keys:
        raise WatermarkError("detection needs at least one key")
    schedules = [schedule(key) for key in keys]
    edges = _group_edges(len(frames))
    tiles = [_sum_of_residuals(frames[a:b]) for a, b in pairwise(edges)]
    sets = [sum(tiles[1:], tiles[0]), *tiles] if len(tiles) > 1 else tiles
    bands = [residual.whiten(tile) for tile in sets]
    hypotheses = len(bands) * len(keys) * synchronise.POSITIONS
    readings = [read(band, schedules, hypotheses) for band in bands]

    of_groups = slice(-len(tiles), None)
    labels = _labels(bands[of_groups], readings[of_groups], _distinct_ids(readings))
    segments = _merge(labels, edges)
    strongest = _strongest(readings, segments)
    if strongest.proven and not segments:
        segments = (Segment(0, len(frames), None, None),)
    return Detection(
        mark_id=strongest.mark_id if strongest.proven else None,
        log10_false_positive=strongest.log10_false_positive,
        segments=segments,
        geometry=strongest.placement.affine() if strongest.proven else None,
        open_mark=open_mark.read(frames),
    )


def _group_edges(count: int) -> list[int]:
    """Frame numbers that cut `count` frames into groups of about GROUP_FRAMES."""
    groups = min(max(1, round(count / GROUP_FRAMES)), MOST_GROUPS)
    return [round(i * count / groups) for i in range(groups + 1)]


def _sum_of_residuals(frames: Frames) -> Plane:
    total = residual.residual_tile(frames[0])
    for frame in frames[1:]:
        total += residual.residual_tile(frame)
    return total


def _distinct_ids(readings: Sequence[Reading]) -> list[Reading]:
    """One proven reading per id and placement."""
    found = {(r.mark_id, r.placement): r for r in readings if r.proven and r.mark_id is not None}
    return list(found.values())


def _labels(
    bands: Sequence[npt.NDArray[np.complex64]],
    readings: Sequence[Reading],
    known: Sequence[Reading],
) -> list[int | None]:
    """Per group: the id it carries, None for a mark without a readable id, or _UNMARKED."""
    labels: list[int | None] = [None if r.proven else _UNMARKED for r in readings]
    scores = np.array([[data_score(band, reading) for reading in known] for band in bands])
    for group, row in enumerate(scores):
        if row.size and row.max() >= min(CERTAIN_SCORE, scores[:, row.argmax()].max() / 2):
            labels[group] = known[row.argmax()].mark_id
    return labels


def _merge(labels: Sequence[int | None], edges: Sequence[int]) -> tuple[Segment, ...]:
    """Runs of equal labels as segments; unmarked runs are left out."""
    segments = []
    for label, run in groupby(range(len(labels)), key=lambda group: labels[group]):
        groups = list(run)
        if label != _UNMARKED:
            segments.append(Segment(edges[groups[0]], edges[groups[-1] + 1], label, None))
    return tuple(segments)


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
