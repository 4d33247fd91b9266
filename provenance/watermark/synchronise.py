"""Find where the tile lies: correlation with the key's pilot over every shift of the tile and the
eight symmetries of the square."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from provenance.watermark import keys, pattern
from provenance.watermark.types import Affine

POSITIONS = len(pattern.ORIENTATIONS) * pattern.TILE**2
"""Hypotheses that one search tries."""


@dataclass(frozen=True)
class Placement:
    """The marked tile was brought into `orientation` (see `pattern.orient`), then rolled by
    shift_y, shift_x."""

    orientation: int
    shift_y: int
    shift_x: int

    def affine(self) -> Affine:
        """From pixels at hand to pixels of the marked picture, modulo the tile."""
        turns = self.orientation % 4
        across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
        offset = np.array([-self.shift_x, -self.shift_y], np.float64)
        for _ in range(turns):  # np.rot90 puts pixel (x, y) of the turned array at (last - y, x)
            across, down, offset = (
                _quarter(across, 0),
                _quarter(down, 0),
                _quarter(offset, pattern.TILE - 1),
            )
        mirrored = self.orientation >= 4
        if mirrored:
            flip = np.array([-1.0, 1.0])
            across, down = across * flip, down * flip
            offset = offset * flip + [pattern.TILE - 1, 0]
        shift = (float(offset[0] % pattern.TILE), float(offset[1] % pattern.TILE))
        # Adding 0 turns -0.0 into 0.0.
        rows = [(float(across[i]) + 0.0, float(down[i]) + 0.0, shift[i]) for i in range(2)]
        return Affine((rows[0], rows[1]), mirrored, 90.0 * turns, 1.0, shift)


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
    for orientation, pilot in enumerate(_oriented_pilots(schedule)):
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
def _oriented_pilots(schedule: keys.Schedule) -> tuple[pattern.Band, ...]:
    """The pilot's band under each orientation; exactly zero outside its carriers."""
    band = np.zeros(pattern.SIZE, np.complex64)
    band[schedule.pilot] = schedule.pilot_signs
    tile = pattern.synthesise(band)
    turned = [pattern.analyse(pattern.orient(tile, o)) for o in pattern.ORIENTATIONS]
    return tuple(np.where(np.abs(pilot) > 0.5, pilot, 0) for pilot in turned)


def _quarter(vector: npt.NDArray[np.float64], last: float) -> npt.NDArray[np.float64]:
    """Where np.rot90 took the pixel (x, y) from; `last` = 0 for directions."""
    return np.array([last - vector[1], vector[0]])
