"""Read one tile: where the mark lies, which id it carries, how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from provenance.watermark import code, decision, keys, pattern, synchronise
from provenance.watermark.synchronise import Placement

PEAKS = 3
"""Placements per key whose data are decoded."""


@dataclass(frozen=True)
class Reading:
    """The strongest evidence in one tile. mark_id is None where no tag came out right."""

    mark_id: int | None
    log10_false_positive: float
    placement: Placement
    schedule: keys.Schedule

    @property
    def proven(self) -> bool:
        return decision.proves(self.log10_false_positive)


def read(band: pattern.Band, schedules: Sequence[keys.Schedule], hypotheses: int) -> Reading:
    """The strongest evidence for a mark of any key in a whitened band. `hypotheses`: how many the
    whole detection tries, of which this search is a part."""
    readings = []
    for schedule in schedules:
        for peak in synchronise.search(band, schedule, PEAKS):
            mark_id = None
            # Decoding is pointless where even a right tag would not be proof enough.
            if decision.proves(decision.log10_bound(peak.score, hypotheses, authentic=True)):
                aligned = synchronise.align(band, peak.placement)
                mark_id = keys.authentic_id(_message(aligned, schedule), schedule.mac_key)
            bound = decision.log10_bound(peak.score, hypotheses, authentic=mark_id is not None)
            readings.append(Reading(mark_id, bound, peak.placement, schedule))
    return min(
        readings, key=lambda reading: (reading.log10_false_positive, reading.mark_id is None)
    )


def data_score(band: pattern.Band, reading: Reading) -> float:
    """How well a whitened band fits the id of a reading at its placement, in standard deviations
    of chance; the pilot, which all ids share, is left out."""
    if reading.mark_id is None:
        raise ValueError("the reading has no id")
    schedule = reading.schedule
    bits = code.encode(keys.message_bits(reading.mark_id, schedule.mac_key))
    values = keys.data_dimensions(synchronise.align(band, reading.placement), schedule)
    norm = float(np.linalg.norm(values)) or 1.0
    return float(values @ keys.data_values(bits, schedule)) / norm


def _message(aligned: pattern.Band, schedule: keys.Schedule) -> code.Bits:
    values = keys.data_dimensions(aligned, schedule) * schedule.data_signs
    soft = np.bincount(schedule.code_bit, weights=values, minlength=keys.CODE_BITS)
    return code.decode(soft.astype(np.float32))
