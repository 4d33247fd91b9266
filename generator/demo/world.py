"""The demo model's world: short scenes of coloured shapes that move before a simple background.

A scene is a few choices from the lists below plus exact numbers (where, how far). `draw` turns it
into frames and `captions` into words; the evaluation measures the same choices in generated clips.
"""

import math
import zlib
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT, FRAMES, FPS = 192, 128, 49, 8

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
SIZES = {"small": 17.0, "medium": 22.0, "large": 28.0}
"""Radius in pixels."""

SIMILAR = 110
"""Two colours at a smaller Euclidean distance are never put upon each other."""
HORIZON = 0.6
"""Height of the horizon, as a share of the picture's."""
_ROUND = ("circle", "ring")
_TWO_OBJECTS = 0.25
_HELD_OUT_SHARE = 0.1
_MARGIN = 3.0
_SHORTEST_REACH = 8.0
"""Pixels; less would hardly be seen to move."""
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Thing:
    """One object. x, y: pixels of its centre half-way. reach: pixels from there to either end of a
    line, or the radius of a circle, or the height of a bounce. turns: of a rotation or of a circle,
    or number of bounces; negative turns run counter-clockwise."""

    shape: str
    colour: str
    size: str
    motion: str
    speed: str
    x: float
    y: float
    reach: float
    turns: float
    tilt: float

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
        if scene.things and scene.held_out == held_out:
            return scene


def _draw_lots(random: np.random.Generator, seed: int) -> Scene:
    background = str(random.choice(BACKGROUNDS))
    things: tuple[Thing, ...] = ()
    for _ in range(1 if random.random() >= _TWO_OBJECTS else 2):
        thing = _thing(random, background, things)
        things += (thing,) if thing else ()
    return Scene(background, things, seed)


def _thing(random: np.random.Generator, background: str, others: tuple[Thing, ...]) -> Thing | None:
    """One thing, apart from the others in shape, colour and place; None where no room is left."""
    shapes = [s for s in SHAPES if s not in [other.shape for other in others]]
    colours = [c for c in COLOURS if c not in [other.colour for other in others]]
    motions = MOTIONS if not others else ("still", "rotate", "grow", "left", "right")
    for _ in range(_ATTEMPTS):
        shape, motion = str(random.choice(shapes)), str(random.choice(motions))
        colour, speed = str(random.choice(colours)), str(random.choice(list(SPEEDS)))
        size = str(random.choice(list(SIZES)))
        if motion == "rotate" and shape in _ROUND:
            continue
        if not _stands_out(colour, background):
            continue
        room = SIZES[size] * (1.4 if motion in ("grow", "shrink") else 1.0) + _MARGIN
        left, top, right, bottom = room, room, WIDTH - room, HEIGHT - room
        if others:
            left, right, top, bottom = _beside(others[0], left, top, right, bottom)
        if right < left or bottom < top:
            continue
        box = (left, top, right, bottom)
        thing = _place(random, (shape, colour, size, motion, speed), box)
        if motion not in DIRECTIONS or thing.reach >= _SHORTEST_REACH:
            return thing
    return None


def _stands_out(colour: str, background: str) -> bool:
    return all(
        math.dist(COLOURS[colour], behind) >= SIMILAR for behind in background_colours(background)
    )


def background_colours(background: str) -> tuple[tuple[int, int, int], ...]:
    """The main colours, RGB, from top to bottom."""
    if background in PLAIN:
        return (PLAIN[background],)
    return SCENERY[background]


def _beside(
    other: Thing, left: float, top: float, right: float, bottom: float
) -> tuple[float, float, float, float]:
    """(left, right, top, bottom) of the larger half of the picture that the other leaves."""
    away = other.radius * 1.4 + WIDTH - right
    wide = other.reach if DIRECTIONS.get(other.motion, (1, 0))[0] else 0.0
    tall = other.reach if DIRECTIONS.get(other.motion, (0, 1))[1] else 0.0
    gaps = {
        "right": (other.x + wide + away, right, top, bottom),
        "left": (left, other.x - wide - away, top, bottom),
        "below": (left, right, other.y + tall + away, bottom),
        "above": (left, right, top, other.y - tall - away),
    }
    return max(gaps.values(), key=lambda gap: min(gap[1] - gap[0], gap[3] - gap[2]))


def _place(
    random: np.random.Generator,
    looks: tuple[str, str, str, str, str],
    box: tuple[float, float, float, float],
) -> Thing:
    """Where there is room in the box of possible centres for the whole way."""
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
        turns = float(random.choice([-1, 1])) * {"slow": 1.0, "normal": 1.5, "fast": 2.0}[speed]
    elif motion == "bounce":
        reach = tall
        spare_y = 0.0
        turns = {"slow": 2.0, "normal": 3.0, "fast": 4.0}[speed]
    elif motion == "rotate":
        turns = float(random.choice([-1, 1])) * {"slow": 0.5, "normal": 1.0, "fast": 1.5}[speed]
    x = (left + right) / 2 + random.uniform(-spare_x, spare_x)
    y = (top + bottom) / 2 + random.uniform(-spare_y, spare_y)
    tilt = float(random.uniform(0, 2 * math.pi)) if motion == "circle" else 0.0
    return Thing(shape, colour, size, motion, speed, float(x), float(y), reach, turns, tilt)
