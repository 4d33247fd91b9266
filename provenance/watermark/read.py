"""Read one tile: where the mark lies, which id it carries, how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from provenance.watermark import code, decision, keys, pattern, synchronise
from provenance.watermark.geometry import Placement

PEAKS = 2
"""Placements per key whose data are decoded."""
PLAUSIBLE_SHARE = 0.5
"""Of the data score that a mark with this pilot score shows; a word that the tag passes by chance
on a picture whose data say something else shows less."""
PROMISING_SCORE = 5.4
"""Pilot score from which decoding is worth its time; chance alone peaks near 5."""


@dataclass(frozen=True)
class Reading:
    """The strongest evidence in one tile. mark_id is None where no tag came out right."""

    mark_id: int | None
    log10_false_positive: float
    placement: Placement
    schedule: keys.Schedule
    pilot_score: float

    @property
    def proven(self) -> bool:
        return decision.proves(self.log10_false_positive)

    @property
    def rank(self) -> tuple[bool, float, float]:
        """Sorts readings: ids first, then by evidence."""
        return (self.mark_id is None, self.log10_false_positive, -self.pilot_score)


@dataclass(frozen=True)
class Trials:
    """How much one detection tries, for its bounds: places where the pilot is looked for, and
    attempts at decoding (`tiles` times the peaks of every key)."""

    places: float
    tiles: float

    def on(self, tiles: float) -> "Trials":
        """The same trials on each of so many tiles."""
        return Trials(self.places * tiles, self.tiles * tiles)


def read(band: pattern.Band, schedules: Sequence[keys.Schedule], trials: Trials) -> Reading:
    """The strongest evidence for a mark of any key in a whitened band. `trials`: of the whole
    detection, of which this is a part."""
    readings = [
        _read_peak(band, schedule, peak, trials)
        for schedule in schedules
        for peak in synchronise.search(band, schedule, PEAKS)
    ]
    return min(readings, key=lambda reading: reading.rank)


def _read_peak(
    band: pattern.Band, schedule: keys.Schedule, peak: synchronise.Peak, trials: Trials
) -> Reading:
    placement = peak.placement
    presence = decision.log10_presence(peak.score, trials.places)
    plain = Reading(None, presence, placement, schedule, peak.score)
    if peak.score < PROMISING_SCORE:
        return plain
    mark_id = _authentic_id(synchronise.align(band, placement), schedule)
    if mark_id is None:
        return plain
    score = data_score(band, mark_id, placement, schedule)
    if score < PLAUSIBLE_SHARE * keys.DATA_TO_PILOT * peak.score:
        return plain
    bound = decision.log10_id(peak.score, trials.places, score, trials.tiles * PEAKS)
    if not decision.proves(bound):
        return plain
    return Reading(mark_id, min(bound, presence), placement, schedule, peak.score)


def _authentic_id(aligned: pattern.Band, schedule: keys.Schedule) -> int | None:
    values = keys.data_dimensions(aligned, schedule) * schedule.data_signs
    soft = np.bincount(schedule.code_bit, weights=values, minlength=keys.CODE_BITS)
    for message in code.decode(soft.astype(np.float32)):
        mark_id = keys.authentic_id(message, schedule)
        if mark_id is not None:
            return mark_id
    return None


def data_score(
    band: pattern.Band, mark_id: int, placement: Placement, schedule: keys.Schedule
) -> float:
    """How well a whitened band fits the data of an id at a placement, in standard deviations of
    chance; the pilot, which all ids share, is left out."""
    bits = code.encode(keys.message_bits(mark_id, schedule))
    values = keys.data_dimensions(synchronise.align(band, placement), schedule)
    norm = float(np.linalg.norm(values)) or 1.0
    return float(values @ keys.data_values(bits, schedule)) / norm
