"""Read a whole clip, group of frames by group of frames, once its geometry is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from provenance.watermark import keys, pattern, residual, synchronise
from provenance.watermark.geometry import Placement
from provenance.watermark.map_search import Search
from provenance.watermark.planes import Planes
from provenance.watermark.read import Reading, Trials, data_score, read
from provenance.watermark.spectrum import Spectrum
from provenance.watermark.types import Plane
from provenance.watermark.view import View

CERTAIN_SCORE = 3.5
"""Data score that gives a group to an id proven in the clip; chance reaches it at most once in
450 groups. Where compression left even the best group weak, half its score will do, if it is at
least WEAK_SCORE."""
WEAK_SCORE = 2.5
TYPICAL_SHARE = 0.6
"""Of the best group's data score: less than that deserves a closer look."""
PARTS = (2, 4)
"""Halves and quarters: what only part of a long clip shows drowns in the whole."""
STRONG_EVIDENCE = -50.0
"""log10 of the bound below which the picture as it is needs no better map."""
WORTHWHILE = 30.0
"""Gain of log likelihood, in nats, that another map must bring: noise alone brings some ten."""


@dataclass(frozen=True)
class Group:
    """What frames `start` to `end` (exclusive) show through a view."""

    start: int
    end: int
    view: View
    band: pattern.Band
    reading: Reading


@dataclass(frozen=True)
class ClipReading:
    """Of each group, and of everything at once (as seen through `view`). plane: the sum of all
    residuals within that view."""

    groups: list[Group]
    overall: Reading
    view: View
    plane: Plane

    def readings(self) -> list[Reading]:
        return [self.overall, *(group.reading for group in self.groups)]


def read_still(
    planes: Planes, seen: View, schedules: Sequence[keys.Schedule], trials: Trials
) -> ClipReading:
    """A clip whose geometry does not change, all through one view. `trials`: what was tried to find
    that view, and is tried here on each tile."""
    trials = trials.on(len(planes.spans) + 1 + sum(PARTS))
    total = planes.sum(seen, planes.spans)
    overall = read(seen.band(residual.flatten(total)), schedules, trials)
    for parts in PARTS:
        if overall.mark_id is None and len(planes.spans) >= 2 * parts:
            readings = _parts(planes, seen, schedules, trials, parts)
            overall = min(overall, *readings, key=lambda reading: reading.rank)
    bands = [seen.band(planes.of(seen, *span)) for span in planes.spans]
    fits = [fit(band, overall) for band in bands]
    groups = []
    for (start, end), band, fitting in zip(planes.spans, bands, fits, strict=True):
        reading = overall
        # A codec lets one mark shine through where another begins.
        if len(bands) > 1 and fitting < max(CERTAIN_SCORE, TYPICAL_SHARE * max(fits)):
            # Only now is a closer look worth its time.
            band = seen.band(residual.flatten(planes.of(seen, start, end)))
            reading = read(band, schedules, trials)
        groups.append(Group(start, end, seen, band, reading))
    return ClipReading(groups, overall, seen, total)


def _parts(
    planes: Planes, seen: View, schedules: Sequence[keys.Schedule], trials: Trials, parts: int
) -> list[Reading]:
    """What each of so many equal parts of the clip shows."""
    cuts = [round(i * len(planes.spans) / parts) for i in range(parts + 1)]
    sums = (planes.sum(seen, planes.spans[a:b]) for a, b in pairwise(cuts))
    return [read(seen.band(residual.flatten(plane)), schedules, trials) for plane in sums]


def fit(band: pattern.Band, reading: Reading, placement: Placement | None = None) -> float:
    """How well a band fits the data of an id read elsewhere, at the place where that was read or at
    another, in standard deviations of chance; 0 where no id was proven."""
    if reading.mark_id is None or not reading.proven:
        return 0.0
    where = placement or reading.placement
    return data_score(band, reading.mark_id, where, reading.schedule)


def polish(planes: Planes, found: ClipReading) -> ClipReading:
    """The same reading through a better map, where there is one.

    Now that the id is known, its whole word shows where the tile lies; the bound stays that of the
    first reading, which did not know.
    """
    reading, upright = found.overall, found.view.matrix[:, :2]
    if reading.mark_id is None or not reading.proven:
        return found
    certain = reading.log10_false_positive < STRONG_EVIDENCE
    if certain and np.array_equal(upright, np.eye(2)):
        return found
    word = synchronise.orientations(keys.band_of(reading.mark_id, reading.schedule))
    flat = residual.flatten(found.plane)
    search = Search(Spectrum(flat), word)
    best = search.around(upright)[0]
    if best.score**2 / 2 - search.score(upright) ** 2 / 2 < WORTHWHILE:
        return found
    seen = found.view.straightened(best.matrix)
    (peak,) = synchronise.search(seen.band(flat), reading.schedule, 1)
    better = replace(reading, placement=peak.placement, pilot_score=peak.score)
    if fit(seen.band(flat), better) < fit(found.view.band(flat), reading):
        return found
    groups = []
    for group in found.groups:
        band = seen.band(residual.flatten(planes.of(seen, group.start, group.end)))
        fits = fit(band, better) >= CERTAIN_SCORE
        groups.append(Group(group.start, group.end, seen, band, better) if fits else group)
    return ClipReading(groups, better, seen, found.plane)


def follow(planes: Planes, found: ClipReading, trials: Trials) -> ClipReading:
    """The same reading, with the mark followed from the groups that show it into those next to
    them, where it may have moved; the middle frame stands for each of these."""
    groups = list(found.groups)
    for order in (range(len(groups)), range(len(groups) - 1, -1, -1)):
        for before, index in pairwise(order):
            near, group = groups[before], groups[index]
            if near.reading.mark_id is None or not near.reading.proven or group.reading.proven:
                continue
            middle = (group.start + group.end) // 2
            seen = near.view.through(near.view.window)
            plane = residual.flatten(planes.of(seen, middle, middle + 1))
            search = Search(Spectrum(plane), synchronise.oriented_pilots(near.reading.schedule))
            best = seen.straightened(search.around(near.view.matrix[:, :2])[0].matrix)
            band = best.band(plane)
            tried = Trials(trials.places * search.maps, trials.tiles * search.refined)
            reading = read(band, [near.reading.schedule], tried.on(len(groups)))
            if reading.proven:
                groups[index] = Group(group.start, group.end, best, band, reading)
    return replace(found, groups=groups)
