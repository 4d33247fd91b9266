"""Clips drawn by program: content that no camera or model in the fixtures shows."""

from collections.abc import Callable

import cv2
import numpy as np

from .attacks import Frame, Frames

WIDTH, HEIGHT, COUNT = 720, 480, 49

_LINES = (
    "The watermark of a page of text lies",
    "between black letters and white paper,",
    "where a change of one grey level shows",
    "sooner than anywhere in a photograph.",
    "Every line scrolls upwards, as in the",
    "credits of a film or a shared screen,",
    "and leaves no texture to hide in.",
)


def _circle(frame: Frame, x: float, y: float, radius: float, colour: tuple[int, int, int]) -> None:
    """A filled circle at a place given in sixteenths of a pixel, smooth at its rim."""
    at = (round(x * 16), round(y * 16))
    cv2.circle(frame, at, round(radius * 16), colour, -1, cv2.LINE_AA, shift=4)


def cartoon(time: float) -> Frame:
    """Flat shapes that move before a plain ground; time in 0..1."""
    frame = np.full((HEIGHT, WIDTH, 3), (118, 186, 224), np.uint8)
    frame[360:] = (92, 158, 84)
    left = round(60 + 380 * time)
    cv2.rectangle(frame, (left, 250), (left + 150, 370), (196, 72, 56), -1)
    _circle(frame, 600 - 120 * time, 110 + 30 * np.sin(6 * time), 55, (250, 214, 70))
    _circle(frame, left + 35, 372, 26, (40, 40, 44))
    _circle(frame, left + 115, 372, 26, (40, 40, 44))
    return frame


def sky(time: float) -> Frame:
    """A gradient from blue to orange with the grain of a sensor, drifting."""
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    top, bottom = np.array([52, 92, 168.0]), np.array([244, 168, 110.0])
    columns = np.arange(WIDTH)[None, :, None]
    cloud = 10 * np.sin(columns / 130 + 5 * time) * np.sin(4 * rows + time)
    grain = np.random.default_rng(round(time * 1000)).normal(0, 2.0, (HEIGHT, WIDTH, 1))
    return np.clip(top + (bottom - top) * rows + cloud + grain, 0, 255).astype(np.uint8)


def night(time: float) -> Frame:
    """A dark street: a few lamps, a car's lights, noise just above black."""
    rng = np.random.default_rng(1 + round(time * 1000))
    light = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for x in range(70, WIDTH, 160):
        _circle(light, x, 140, 9, (220, 190, 120))
    _circle(light, 80 + 560 * time, 330, 7, (250, 250, 235))
    _circle(light, 110 + 560 * time, 330, 7, (250, 250, 235))
    glow = cv2.GaussianBlur(light, (0, 0), 22).astype(np.float32) * 2.5 + light
    houses = 6 + 5 * (np.arange(WIDTH) // 90 % 3)[None, :, None]
    return np.clip(houses + glow + rng.normal(0, 1.5, glow.shape), 0, 255).astype(np.uint8)


def page(time: float) -> Frame:
    """A page of text that scrolls."""
    frame = np.full((HEIGHT, WIDTH, 3), (250, 249, 245), np.uint8)
    spacing, offset = 44, 300 * time
    for row in range(-8, 20):
        baseline = round(60 + row * spacing - offset)
        line = _LINES[row % len(_LINES)]
        cv2.putText(
            frame, line, (40, baseline), cv2.FONT_HERSHEY_COMPLEX, 0.9, (30, 30, 34), 2, cv2.LINE_AA
        )
    return frame


DRAWN: dict[str, Callable[[float], Frame]] = {
    "drawn_cartoon": cartoon,
    "drawn_sky": sky,
    "drawn_night": night,
    "drawn_page": page,
}


def draw(name: str) -> Frames:
    """The 49 frames, 720x480, of a drawn clip."""
    return np.stack([DRAWN[name](index / (COUNT - 1)) for index in range(COUNT)])
