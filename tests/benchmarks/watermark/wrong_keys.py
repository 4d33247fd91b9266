"""Scores of one clip's residual under keys that never marked it."""

import hashlib
from collections.abc import Iterator

import numpy as np

from .attacks import Frames


def wrong_key_scores(frames: Frames, count: int, seed: int) -> Iterator[float]:
    """Pilot scores, in standard deviations of chance, of `count` random keys with the tile where
    the picture begins: the statistic whose tail every bound of the detector rests on."""
    from provenance.watermark import keys, pattern, residual

    total = sum(residual.detail(frame) for frame in frames)
    band = residual.whiten(pattern.fold(np.asarray(total)))
    for number in range(count):
        key = hashlib.sha256(f"wrong key {seed} {number}".encode()).digest()
        schedule = keys.schedule(key)
        values = band[schedule.pilot]
        yield float(np.vdot(schedule.pilot_signs, values).real / np.linalg.norm(values))
