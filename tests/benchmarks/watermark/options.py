"""What a run of the study covers."""

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Literal

from . import clips, drawn
from .attacks import ATTACKS

Peers = Literal["none", "fast", "full"]


@dataclass(frozen=True)
class Options:
    """clips, attacks: shell-style patterns, separated by commas. peers: none, two methods on
    everything and rivaGan on a part, or all. quick: a sample of each section."""

    clips: str = "*"
    attacks: str = "*"
    peers: Peers = "fast"
    quick: bool = False

    @property
    def natural(self) -> list[str]:
        """The natural clips to be marked."""
        chosen = [name for name in clips.natural() if matches(name, self.clips)]
        return chosen[:2] if self.quick else chosen

    @property
    def drawn(self) -> list[str]:
        """The drawn clips to be marked."""
        chosen = [name for name in drawn.DRAWN if matches(name, self.clips)]
        return chosen[:1] if self.quick else chosen

    @property
    def attack_names(self) -> list[str]:
        """The attacks to be tried."""
        return [name for name in ATTACKS if matches(name, self.attacks)]


def matches(name: str, patterns: str) -> bool:
    """Whether a name fits one of the patterns."""
    return any(fnmatch(name, pattern) for pattern in patterns.split(","))
