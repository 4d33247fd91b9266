"""What an attack is, and the table that every module of this package adds its own to."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
"""uint8 (H, W, 3), RGB."""
Frames = npt.NDArray[np.uint8]
"""uint8 (N, H, W, 3), RGB."""
Family = Literal[
    "codec", "resize", "crop", "frame", "rotate", "colour", "noise", "overlay", "time", "social",
    "removal", "chain",
]  # fmt: skip
Tier = Literal["core", "hard", "extreme", "chain"]
"""core: a public detector must survive it. chain: combinations made for this study alone."""


@dataclass(frozen=True)
class Clip:
    """Frames and their rate in frames a second."""

    frames: Frames
    fps: float = 8.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.frames.shape[2], self.frames.shape[1]

    def each(self, change: Callable[[Frame], Frame]) -> "Clip":
        """The clip with every frame changed."""
        return Clip(np.stack([change(frame) for frame in self.frames]), self.fps)

    def showing(self, frames: Frames, *, speed: float = 1.0) -> "Clip":
        """Other frames at `speed` times this rate."""
        return Clip(frames, self.fps * speed)


@dataclass(frozen=True)
class Context:
    """Side material: where chance comes from, and somebody else's unmarked frames."""

    rng: np.random.Generator
    foreign: Frames


Change = Callable[[Clip, Context], Clip]


@dataclass(frozen=True)
class Attack:
    """A named change of a clip."""

    name: str
    family: Family
    tier: Tier
    change: Change


ATTACKS: dict[str, Attack] = {}


def register(name: str, family: Family, tier: Tier, change: Change) -> None:
    """Add an attack to the table."""
    ATTACKS[name] = Attack(name, family, tier, change)


def plain(change: Callable[..., Clip], *args: Any, **parameters: Any) -> Change:
    """An attack out of a function of a clip alone, with its parameters."""
    return lambda clip, _: change(clip, *args, **parameters)


def framewise(change: Callable[..., Frame], *args: Any, **parameters: Any) -> Change:
    """An attack out of a function of one frame, with its parameters."""
    return lambda clip, _: clip.each(lambda frame: change(frame, *args, **parameters))


def apply(name: str, clip: Clip, foreign: Frames, seed: int = 0) -> Clip:
    """The clip after the attack; the same for the same name, clip and seed."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    attacked = ATTACKS[name].change(clip, Context(rng, foreign))
    return Clip(np.ascontiguousarray(attacked.frames, np.uint8), attacked.fps)


def rounded(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Grey levels rounded to integers within 0..255."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
