"""Search the linear maps of one plane: how the marked picture was scaled, stretched and turned.

Cheap and likely maps come first. Whole pictures of the sizes that models render and plain scaling
are tried against the keyed pilot directly; any stretch and any turn are first ranked by the power
on the tile's lines, which needs no key, so only the few maps tried against the pilot afterwards
count as hypotheses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from provenance.watermark import pattern
from provenance.watermark.geometry import Linear, linear
from provenance.watermark.spectrum import WAVES, Spectrum

RENDERED_SIZES = ((720, 480), (480, 720), (1360, 768), (768, 1360))
"""(width, height) that CogVideoX models render."""
STRETCH = 1.4
"""The most that one side is scaled more than the other."""
FINALISTS = 64
"""Maps that go from one ranking to the next."""
REFINED = 6
FORMS = 3
"""Maps that `simpler_forms` makes of one at most."""
NEARLY = 0.012
"""Turn, shear or stretch, relative, up to which a map is nearly upright or uniform."""

_GRID = 48  # the finest wave of the pilot is longer than two of these steps
_MEAN_WAVE = 16.0 / pattern.TILE
_SPARSE = WAVES[::2]
_FINEST = 0.125
_SIZES = (4, 2, 1)
_MOVES_PER_SIZE = 6
# Refinement moves each of four parameters by at most so many of its finest steps.
_REACH = _MOVES_PER_SIZE * sum(_SIZES)
REFINEMENT_HYPOTHESES = (2 * _REACH + 1) ** 4


@dataclass(frozen=True)
class Candidate:
    """A map that brings out the pilot with this score."""

    matrix: Linear
    score: float


def simpler_forms(matrix: Linear) -> list[Linear]:
    """The map and, where it is nearly upright, the same without turn and shear, and with uniform
    scale: refinement on a weak pilot fits noise, and simple maps are the likely ones."""
    across, down = float(matrix[0, 0]), float(matrix[1, 1])
    tilt = max(abs(float(matrix[0, 1])), abs(float(matrix[1, 0])))
    if tilt > NEARLY * min(abs(across), abs(down)):
        return [matrix]
    forms = [matrix, np.diag([across, down])]
    if abs(across / down - 1) <= NEARLY:
        forms.append(np.sqrt(across * down) * np.eye(2))
    return forms


class Search:
    """Over the geometries of one plane; each search returns its best candidates.

    maps: how many the last search tried with a key. refined: how many of these were then moved to
    where the pilot stands out most.
    """

    def __init__(self, spectrum: Spectrum, pilots: Sequence[pattern.Band]) -> None:
        """pilots: what to look for in each orientation, complex64 (SIZE,) each."""
        self._spectrum = spectrum
        self._pilots = np.stack(pilots)
        self._carriers = (np.abs(self._pilots) > 0).astype(np.float32)
        # Half a step is a quarter of a cycle's worth of bins at the mean wave of the tile.
        self.step_x = 0.7 / (spectrum.width * _MEAN_WAVE)
        self.step_y = 0.7 / (spectrum.height * _MEAN_WAVE)
        self.step = min(self.step_x, self.step_y)
        self.maps = self.refined = 0

    def plain(self, low: float, high: float) -> list[Candidate]:
        """Whole pictures of known sizes, and uniform scaling by `low` to `high`."""
        width, height = self._spectrum.width, self._spectrum.height
        known = [(width / x, height / y) for x, y in RENDERED_SIZES]
        known += [(height / x, width / y) for x, y in RENDERED_SIZES]
        fitting = [pair for pair in known if low <= min(pair) and max(pair) <= high]
        # One dimension can be searched closely.
        scales = np.exp(np.arange(np.log(low), np.log(high), self.step / 2))
        across = np.concatenate([[x for x, _ in fitting], scales])
        down = np.concatenate([[y for _, y in fitting], scales])
        return self._refined(linear(across, down))

    def upright(self, low: float, high: float) -> list[Candidate]:
        """Width and height scaled by `low` to `high`, independently within STRETCH."""
        across = np.arange(np.log(low), np.log(high), self.step_x)
        more = np.arange(-np.log(STRETCH), np.log(STRETCH), self.step_y)
        x, y = np.meshgrid(across, more)
        maps = linear(np.exp(x).ravel(), np.exp(x + y).ravel())
        return self._refined(self._most_power(maps, WAVES))

    def turned(self, low: float, high: float) -> list[Candidate]:
        """Uniform scaling by `low` to `high`, and any turn."""
        scale = np.exp(np.arange(np.log(low), np.log(high), self.step))
        angle = np.arange(-45, 45, np.rad2deg(self.step))
        x, turn = np.meshgrid(scale, angle)
        maps = linear(x.ravel(), x.ravel(), turn.ravel())
        return self._refined(self._most_power(maps, _SPARSE))

    def around(self, matrix: Linear) -> list[Candidate]:
        """Candidates near a map: scaled by up to 5 % more or less, turned by up to 2 degrees."""
        scale = np.exp(np.arange(-0.05, 0.05, self.step / 2))
        angle = np.arange(-2, 2.01, 0.5)
        x, turn = np.meshgrid(scale, angle)
        return self._refined(np.asarray(matrix @ linear(x.ravel(), x.ravel(), turn.ravel())))

    def score(self, matrix: Linear) -> float:
        """The best score of one map (2, 2) as it is."""
        return float(self._score(matrix[None])[0][0])

    def _most_power(self, maps: Linear, waves: npt.NDArray[np.float32]) -> Linear:
        scores = self._spectrum.comb(maps, waves)
        count = min(FINALISTS, len(maps))
        return np.asarray(maps[np.argpartition(-scores, count - 1)[:count]])

    def _refined(self, maps: Linear) -> list[Candidate]:
        """The best of the maps, each moved to where the pilot stands out most."""
        scores, pilots = self._score(maps)
        best = np.argsort(-scores)[:REFINED]
        self.maps = len(maps) + len(best) * REFINEMENT_HYPOTHESES
        self.refined = len(best)
        refined = [self._refine(maps[i], scores[i], int(pilots[i])) for i in best]
        # Neighbours end on the same peak.
        places = {tuple(np.rint(c.matrix.ravel() / self.step)): c for c in refined}
        return sorted(places.values(), key=lambda candidate: -candidate.score)

    def _refine(self, start: Linear, score: float, pilot: int) -> Candidate:
        """Coordinate ascent on width, height, turn and shear, for one pilot in one orientation."""
        place = np.zeros(4)  # in finest steps
        for size in _SIZES:
            for _ in range(_MOVES_PER_SIZE):
                around = place + size * np.vstack([np.eye(4), -np.eye(4)])
                scores, _ = self._score(self._changes(around) @ start, slice(pilot, pilot + 1))
                best = int(np.argmax(scores))
                if scores[best] <= score:
                    break
                place, score = around[best], float(scores[best])
        return Candidate(self._changes(place[None])[0] @ start, float(score))

    def _changes(self, places: npt.NDArray[np.float64]) -> Linear:
        """Small changes of a map, (M, 2, 2), for parameters (M, 4) in finest steps. Each place has
        one map, however it was reached, so counting places counts maps."""
        x, y, both = (_FINEST * step for step in (self.step_x, self.step_y, self.step))
        generators = np.array(
            [[[x, 0], [0, 0]], [[0, 0], [0, y]], [[0, both], [-both, 0]], [[0, both], [both, 0]]]
        )
        small = np.einsum("mp,pij->mij", places, generators)
        return np.asarray(np.eye(2) + small + small @ small / 2)

    def _score(
        self, maps: Linear, which: slice = slice(None)
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp]]:
        """The best pilot score of each map over all shifts (on a grid of 128 / 48 pixels), and the
        number of the pilot that reached it."""
        pilots, carriers = self._pilots[which], self._carriers[which]
        best = np.empty(len(maps), np.float32)
        number = np.empty(len(maps), np.intp)
        for start in range(0, len(maps), 32):
            bands = self._spectrum.lines(maps[start : start + 32])
            energy = np.square(np.abs(bands)) @ carriers.T
            grid = np.zeros((len(bands), len(pilots), _GRID, _GRID // 2 + 1), np.complex64)
            grid[:, :, _GRID_ROWS, pattern.COLUMNS] = bands[:, None] * pilots.conj()
            axis = pattern.COLUMNS == 0
            grid[:, :, -_GRID_ROWS[axis], 0] = grid[:, :, _GRID_ROWS[axis], 0].conj()
            peaks = np.fft.irfft2(grid, (_GRID, _GRID)).max(axis=(2, 3))
            scores = peaks * (_GRID**2 / 2) / np.sqrt(np.maximum(energy, 1e-6))
            best[start : start + 32] = scores.max(axis=1)
            number[start : start + 32] = scores.argmax(axis=1)
        return best, number


_GRID_ROWS = np.where(
    pattern.ROWS < pattern.TILE // 2, pattern.ROWS, pattern.ROWS - pattern.TILE + _GRID
)
