"""Find where the tile lies on a canvas: correlation with the key's pilot over every shift of the
tile and the eight symmetries of the square."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from provenance.watermark import keys, pattern
from provenance.watermark.geometry import Placement

POSITIONS = len(pattern.ORIENTATIONS) * pattern.TILE**2
"""Hypotheses that one search tries."""


@dataclass(frozen=True)
class Peak:
    """A placement and its pilot score, in standard deviations of chance."""

    placement: Placement
    score: float


def search(band: pattern.Band, schedule: keys.Schedule, count: int) -> list[Peak]:
    """The `count` best placements for a whitened band, best first.

    score = sum(s c) / sqrt(sum(s^2)) over the pilot's dimensions, c = +-1 from the key. For any
    picture that does not depend on the key, P(score >= t) <= exp(-t^2 / 2) at each placement
    (Hoeffding, 1963, theorem 2).
    """
    maps = np.empty((len(pattern.ORIENTATIONS), pattern.TILE, pattern.TILE), np.float32)
    for orientation, pilot in enumerate(oriented_pilots(schedule)):
        energy = float(np.sum(np.abs(band[np.abs(pilot) > 0]) ** 2)) or 1.0
        # Both halves of the spectrum enter the transform, one half the score.
        scale = pattern.TILE**2 / 2 / np.sqrt(energy)
        maps[orientation] = pattern.synthesise(band * pilot.conj()) * scale
    best = np.argpartition(maps, -count, axis=None)[-count:]
    peaks = []
    for index in best:
        orientation, shift_y, shift_x = (int(i) for i in np.unravel_index(index, maps.shape))
        placement = Placement(orientation, shift_y, shift_x)
        peaks.append(Peak(placement, float(maps.flat[index])))
    return sorted(peaks, key=lambda peak: -peak.score)


def align(band: pattern.Band, placement: Placement) -> pattern.Band:
    """The band as it would be had the tile not been turned or moved."""
    shift = (-placement.shift_y, -placement.shift_x)
    tile = np.roll(pattern.synthesise(band), shift, axis=(0, 1))
    return pattern.analyse(pattern.undo_orient(tile, placement.orientation))


@lru_cache(maxsize=32)
def oriented_pilots(schedule: keys.Schedule) -> tuple[pattern.Band, ...]:
    """The pilot's band under each orientation; exactly zero outside its carriers."""
    band = np.zeros(pattern.SIZE, np.complex64)
    band[schedule.pilot] = schedule.pilot_signs
    return orientations(band)


def orientations(band: pattern.Band) -> tuple[pattern.Band, ...]:
    """A band of coefficients +-1 +-i and zeros as it is under each orientation."""
    tile = pattern.synthesise(band)
    turned = [pattern.analyse(pattern.orient(tile, o)) for o in pattern.ORIENTATIONS]
    return tuple(np.where(np.abs(band) > 0.5, band, 0) for band in turned)
