"""Which scenes the text encoder and the reading half learn to read captions of."""

import numpy as np

from generator.demo.world import TURNING, Scene, sample

_TURN, _BACKWARDS = 0.2, 0.2
"""Shares of the scenes whose first thing turns or circles, and of those where it does so
counter-clockwise, beside those where it does by chance: where it is then takes pace, sense and time
together, and the sense is one word that seldom matters."""


def to_read(random: np.random.Generator) -> Scene:
    """Any scene of the training; hardly any is met twice."""
    kind = random.random()
    while True:
        scene = sample(int(random.integers(2**31)))
        first = scene.things[0]
        if kind < _TURN + _BACKWARDS and first.motion not in TURNING:
            continue
        if kind < _BACKWARDS and first.turns > 0:
            continue
        return scene
