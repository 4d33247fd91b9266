"""The demo model's world: short scenes of coloured shapes that move before a simple background.

A scene is a few choices from the lists below plus exact numbers (where, how far). `draw` turns it
into frames and `captions` into words; the evaluation measures the same choices in generated clips.
"""

import math
import zlib
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT, FRAMES, FPS = 192, 128, 49, 8
FRAMES_TOGETHER = 4
"""In a latent frame, as CogVideoX's VAE has it; the first one holds a single frame."""
LATENT_FRAMES = 1 + (FRAMES - 1) // FRAMES_TOGETHER

SHAPES = ("circle", "square", "triangle", "star", "heart", "ring")
COLOURS = {
    "red": (215, 40, 40),
    "orange": (240, 140, 30),
    "yellow": (245, 220, 55),
    "green": (45, 165, 70),
    "blue": (40, 85, 220),
    "purple": (135, 55, 185),
    "pink": (245, 135, 185),
    "white": (245, 245, 245),
    "black": (20, 20, 20),
}
"""RGB, 0..255."""
PLAIN = {
    "white": (250, 250, 250),
    "black": (10, 10, 10),
    "grey": (130, 130, 130),
    "blue": (90, 150, 235),
    "green": (120, 200, 120),
    "yellow": (250, 235, 140),
    "pink": (250, 190, 215),
}
"""Backgrounds of one colour: RGB, 0..255."""
SCENERY: dict[str, tuple[tuple[int, int, int], ...]] = {
    "meadow": ((150, 205, 245), (95, 175, 80)),
    "sea": ((190, 225, 245), (25, 110, 165)),
    "sunset": ((105, 60, 130), (240, 140, 80), (55, 40, 60)),
    "night": ((15, 20, 55), (25, 35, 45)),
    "rain": ((120, 130, 145), (85, 95, 95)),
}
"""Backgrounds with a horizon: RGB, 0..255, of the sky from top to bottom and of the ground."""
BACKGROUNDS = (*PLAIN, *SCENERY)
DIRECTIONS = {
    "right": (1, 0),
    "left": (-1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "up right": (1, -1),
    "up left": (-1, -1),
    "down right": (1, 1),
    "down left": (-1, 1),
}
"""(x, y) of motions along a line; y grows downwards, as in pictures."""
MOTIONS = (*DIRECTIONS, "circle", "bounce", "grow", "shrink", "rotate", "still")
SPEEDS = {"slow": 0.55, "normal": 0.8, "fast": 1.0}
"""Share of the way that there is room for."""
SIZES = {"small": 20.0, "medium": 26.0, "large": 32.0}
"""Radius in pixels."""

SIMILAR = 110
"""Two colours at a smaller Euclidean distance are never put upon each other."""
HORIZON = 0.6
"""Height of the horizon, as a share of the picture's."""
_ROUND = ("circle", "ring")
_STAYING = ("grow", "shrink", "rotate", "still")
_TWO_OBJECTS = 0.25
_HELD_OUT_SHARE = 0.1
_MARGIN = 3.0
_SHORTEST_REACH = 8.0
"""Pixels; less would hardly be seen to move."""
_ASIDE = 3.0
"""Pixels at most from the middle of the stage. What captions do not tell is kept small: where a
thing is must not be left to the noise, or the words for its looks find no place to act on."""
_COUNTER_CLOCKWISE = 0.25
"""Share of the turns."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One object. x, y: pixels of its centre half-way. reach: pixels from there to either end of a
    line, or the radius of a circle, which begins on top, or the height of a bounce. turns: of a
    rotation or of a circle, or number of bounces; negative turns run counter-clockwise."""

    shape: str
    colour: str
    size: str
    motion: str
    speed: str
    x: float
    y: float
    reach: float
    turns: float

    @property
    def radius(self) -> float:
        """Pixels, of the circle around it half-way."""
        return SIZES[self.size]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clip shows; the first of one or two things is what a caption is about."""

    background: str
    things: tuple[Thing, ...]
    seed: int

    @property
    def held_out(self) -> bool:
        """Whether this combination is kept for the evaluation: never drawn in training."""
        thing = self.things[0]
        key = f"{thing.shape} {thing.colour} {thing.motion} {self.background}"
        return zlib.crc32(key.encode()) % 1000 < 1000 * _HELD_OUT_SHARE


def sample(seed: int, held_out: bool = False) -> Scene:
    """The scene of a seed: from the combinations of the first thing's shape, colour and motion and
    of the background that training sees, or from those that it does not."""
    random = np.random.default_rng(seed)
    while True:
        scene = _draw_lots(random, seed)
        if scene.held_out == held_out:
            return scene


def _draw_lots(random: np.random.Generator, seed: int) -> Scene:
    background = str(random.choice(BACKGROUNDS))
    things: tuple[Thing, ...] = ()
    count = 1 if random.random() >= _TWO_OBJECTS else 2
    for place in range(count):
        stage = (WIDTH / count * place, WIDTH / count * (place + 1))
        things += (_thing(random, background, things, stage),)
    return Scene(background, things, seed)


def _thing(
    random: np.random.Generator,
    background: str,
    others: tuple[Thing, ...],
    stage: tuple[float, float],
) -> Thing:
    """One thing, unlike the others in shape and colour, between the left and the right end of its
    stage."""
    shapes = [s for s in SHAPES if s not in [other.shape for other in others]]
    colours = [c for c in COLOURS if c not in [other.colour for other in others]]
    motions = MOTIONS if not others else ("still", "rotate", "grow", "left", "right")
    while True:
        shape, motion = str(random.choice(shapes)), str(random.choice(motions))
        colour, speed = str(random.choice(colours)), str(random.choice(list(SPEEDS)))
        size = str(random.choice(list(SIZES)))
        if motion == "rotate" and shape in _ROUND:
            continue
        if not _stands_out(colour, background):
            continue
        room = SIZES[size] * (1.4 if motion in ("grow", "shrink") else 1.0) + _MARGIN
        box = (stage[0] + room, room, stage[1] - room, HEIGHT - room)
        thing = _place(random, (shape, colour, size, motion, speed), box)
        if motion in _STAYING or thing.reach >= _SHORTEST_REACH:
            return thing


def _stands_out(colour: str, background: str) -> bool:
    return all(
        math.dist(COLOURS[colour], behind) >= SIMILAR for behind in background_colours(background)
    )


def background_colours(background: str) -> tuple[tuple[int, int, int], ...]:
    """The main colours, RGB, from top to bottom."""
    if background in PLAIN:
        return (PLAIN[background],)
    return SCENERY[background]


def _place(
    random: np.random.Generator,
    looks: tuple[str, str, str, str, str],
    box: tuple[float, float, float, float],
) -> Thing:
    """In the middle of the box of possible centres, give or take, with room for the whole way."""
    shape, colour, size, motion, speed = looks
    left, top, right, bottom = box
    share = SPEEDS[speed]
    wide, tall = (right - left) / 2, (bottom - top) / 2
    across, down = DIRECTIONS.get(motion, (0, 0))
    reach, turns, spare_x, spare_y = 0.0, 0.0, wide, tall
    if motion in DIRECTIONS:
        reach = share * min([w for w, d in ((wide, across), (tall, down)) if d])
        spare_x, spare_y = wide - abs(across) * reach, tall - abs(down) * reach
    elif motion == "circle":
        reach = min(wide, tall, 30.0)
        spare_x, spare_y = wide - reach, tall - reach
        turns = _sense(random) * {"slow": 1.0, "normal": 1.5, "fast": 2.0}[speed]
    elif motion == "bounce":
        reach = tall
        spare_y = 0.0
        turns = {"slow": 2.0, "normal": 3.0, "fast": 4.0}[speed]
    elif motion == "rotate":
        turns = _sense(random) * {"slow": 0.5, "normal": 1.0, "fast": 1.5}[speed]
    x = (left + right) / 2 + min(spare_x, _ASIDE) * random.uniform(-1, 1)
    y = (top + bottom) / 2 + min(spare_y, _ASIDE) * random.uniform(-1, 1)
    return Thing(shape, colour, size, motion, speed, float(x), float(y), reach, turns)


def _sense(random: np.random.Generator) -> int:
    return -1 if random.random() < _COUNTER_CLOCKWISE else 1
