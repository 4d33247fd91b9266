"""Find a mark whose geometry nobody tells: look at the clip in ever more ways until one shows it.

First the whole picture and all frames at once, in its size and in reduced sizes, since a tile is
found at up to 1.45 times its own size; then single frames, for geometry that changes over time;
then parts of the picture, for a picture within the picture.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from provenance.watermark import keys, residual, synchronise, view
from provenance.watermark.geometry import Linear
from provenance.watermark.map_search import FORMS, Candidate, Search, simpler_forms
from provenance.watermark.planes import Planes
from provenance.watermark.read import Reading, Trials, read
from provenance.watermark.spectrum import Spectrum
from provenance.watermark.types import Frames, Plane
from provenance.watermark.view import Box, View

Round = Callable[[Search, float, float], list[Candidate]]

SMALLEST_SCALE = 0.3
REACH = 1.45
"""The largest scale at which a tile is looked for without reducing the picture."""
HANDY_SIDE = 800
"""A picture whose shorter side is at most this long is searched unreduced first."""
SMALLEST_SIDE = 96
LARGEST_SIDE = 2048
"""Longer pictures are reduced before any search."""
MOST_REDUCED = 4
"""Reduced so many times, a tile is found at up to 5.8 times its own size."""
SMALLEST_DIVISIBLE_SIDE = 256
SINGLE_FRAMES = 3
WINDOWS_ACROSS = 3
EVERY_ROUND: tuple[Round, ...] = (Search.plain, Search.upright, Search.turned)
FIRST_ROUND = 2
"""The picture as it is was round 1."""
PROMISING_SCORE = 5.9
"""Pilot score from which a candidate is worth a closer look; moved to their best place, noise
reaches 5.5."""


@dataclass(frozen=True)
class Sighting:
    """A mark found: how to look at the picture, what was read there, what was tried until then, and
    the only frame looked at, None for many."""

    view: View
    reading: Reading
    trials: Trials
    frame: int | None

    def rank(self) -> tuple[bool, float, float]:
        return self.reading.rank


@dataclass(frozen=True)
class _Look:
    view: View
    frame: int | None
    scales: tuple[float, float]
    rounds: tuple[Round, ...]


def find(planes: Planes, schedules: Sequence[keys.Schedule]) -> Sighting | None:
    """The first id found, or else the strongest proven presence, or None."""
    strongest: Sighting | None = None
    number = FIRST_ROUND
    pilots = [pilot for one in schedules for pilot in synchronise.oriented_pilots(one)]
    for look in _looks(planes.frames):
        plane = residual.flatten(
            planes.glance(look.view)
            if look.frame is None
            else planes.of(look.view, look.frame, look.frame + 1)
        )
        search = Search(Spectrum(plane), pilots)
        for rounds in look.rounds:
            planes.tick()
            candidates = rounds(search, *look.scales)
            trials = _trials(search, number, len(schedules))
            number += 1
            sightings = [
                _verify(look, plane, matrix, schedules, trials)
                for candidate in candidates
                if candidate.score >= PROMISING_SCORE
                for matrix in simpler_forms(candidate.matrix)
            ]
            best = min((s for s in sightings if s.reading.proven), key=Sighting.rank, default=None)
            if best is not None and best.reading.mark_id is not None:
                return best
            strongest = min(filter(None, (strongest, best)), key=Sighting.rank, default=None)
    return strongest


def _trials(search: Search, number: int, keys: int) -> Trials:
    """Of one round. The search stops at the first id, at a round that chance may choose, so round
    r may use only the share 1 / (r (r + 1)) of the error: these shares add up to 1."""
    share = number * (number + 1) * FORMS * keys
    return Trials(share * search.maps * synchronise.POSITIONS, share * search.refined)


def _verify(
    look: _Look,
    plane: Plane,
    matrix: Linear,
    schedules: Sequence[keys.Schedule],
    trials: Trials,
) -> Sighting:
    straight = look.view.straightened(matrix)
    reading = read(straight.band(plane), schedules, trials)
    return Sighting(straight, reading, trials, look.frame)


def _looks(frames: Frames) -> Iterator[_Look]:
    count, height, width = frames.shape[:3]
    levels = sorted(_levels(width, height), key=lambda level: level[0] != _handy(width, height))
    for reduction, scales in levels:
        yield _Look(view.whole(width, height, reduction), None, scales, EVERY_ROUND)
    reduction, scales = levels[0]
    if count > 1:
        for index in np.unique(np.linspace(0, count - 1, SINGLE_FRAMES + 2).astype(int)[1:-1]):
            yield _Look(view.whole(width, height, reduction), int(index), scales, (Search.plain,))
    everything = view.whole(width, height, min(levels)[0])
    for window in _windows(*everything.size):
        yield _Look(everything.through(window), None, (SMALLEST_SCALE, REACH), (Search.upright,))


def _levels(width: int, height: int) -> list[tuple[int, tuple[float, float]]]:
    """(reduction, scales to search after it), for sides that are neither too long nor too short."""
    levels: list[tuple[int, tuple[float, float]]] = []
    for reduction in (1, 2, 4, 8, 16):
        if max(width, height) // reduction > LARGEST_SIDE:
            continue
        if not levels:
            levels.append((reduction, (SMALLEST_SCALE, REACH)))
        elif min(width, height) // reduction >= SMALLEST_SIDE and reduction <= MOST_REDUCED:
            levels.append((reduction, (REACH / 2, REACH)))
    return levels


def _handy(width: int, height: int) -> int:
    """The reduction at which a picture of that size is searched first."""
    return 1 if min(width, height) <= HANDY_SIDE else 2


def _windows(width: int, height: int) -> list[Box]:
    """Overlapping parts of half the width and height, the middle one last."""
    if min(width, height) < SMALLEST_DIVISIBLE_SIDE:
        return []
    across, down = width // 2, height // 2
    lefts = np.linspace(0, width - across, WINDOWS_ACROSS).astype(int)
    tops = np.linspace(0, height - down, WINDOWS_ACROSS).astype(int)
    return [(int(x), int(y), int(x + across), int(y + down)) for y in tops for x in lefts]
