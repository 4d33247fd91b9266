"""The residuals of a clip, summed over stretches of frames and kept for the next look."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from provenance.watermark import residual
from provenance.watermark.types import Frames, Plane, Tick
from provenance.watermark.view import View

GROUP_FRAMES = 8
"""Frames per group: the resolution of `segments`."""
MOST_GROUPS = 512
"""A clip of more than 4,096 frames gets longer groups, so that memory does not grow with it."""
GROUPS_AT_A_GLANCE = 12
KEPT_BYTES = 64 * 2**20

THREADS = 2


class Planes:
    """Of one clip, uint8 (N, H, W, 3). `spans`: the (start, end) of its groups of frames. `tick`
    is called whenever some are asked for."""

    def __init__(self, frames: Frames, tick: Tick) -> None:
        self.frames = frames
        self.tick = tick
        count = len(frames)
        groups = min(max(1, round(count / GROUP_FRAMES)), MOST_GROUPS)
        self.spans = list(pairwise(round(i * count / groups) for i in range(groups + 1)))
        self._kept: dict[tuple[tuple[int, int], int, int], Plane] = {}
        self._room = KEPT_BYTES

    def of(self, seen: View, start: int, end: int) -> Plane:
        """The sum of the residuals of frames `start` to `end` within the view's window."""
        self.tick()
        left, top, right, bottom = seen.window
        whole = self._whole(seen, start, end)[top:bottom, left:right]
        return np.ascontiguousarray(whole)

    def glance(self, seen: View) -> Plane:
        """The sum over all frames, or over some groups spread over a long clip."""
        count = min(len(self.spans), GROUPS_AT_A_GLANCE)
        chosen = np.linspace(0, len(self.spans) - 1, count).round().astype(int)
        return self.sum(seen, [self.spans[index] for index in chosen])

    def sum(self, seen: View, spans: Sequence[tuple[int, int]]) -> Plane:
        """The sum over some stretches of frames."""
        total = self.of(seen, *spans[0]).copy()
        for span in spans[1:]:
            total += self.of(seen, *span)
        return total

    def _whole(self, seen: View, start: int, end: int) -> Plane:
        which = (seen.size, start, end)
        if which in self._kept:
            return self._kept[which]
        size = None if seen.size == (seen.width, seen.height) else seen.size
        stretch = (self.frames[index] for index in range(start, end))
        # A pool of its own each time: one kept for ever hangs in forked processes.
        with ThreadPoolExecutor(THREADS) as threads:
            details = threads.map(lambda frame: residual.detail(frame, size), stretch)
            total = next(details)
            for plane in details:
                total += plane
        if total.nbytes <= self._room:
            self._kept[which] = total
            self._room -= total.nbytes
        return total
