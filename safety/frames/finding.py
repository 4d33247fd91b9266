"""What a check of rendered frames found, with its evidence."""

from dataclasses import dataclass
from typing import Literal

from safety.decision import SEVERITY, Action

Check = Literal["faces", "blocklist", "classifier", "consent", "inspection"]


MEASURES = ("distance", "quality", "score")
"""Fields by which a guess of a clip's prompt could be confirmed: the same seed renders the same
frames."""


@dataclass(frozen=True)
class Finding:
    """A reason not to release a clip. `message` is a sentence for its caller.

    frame: number in the clip, from 0. rule: of the policy. label: of the blocklist's entry, or of
    the classifier. distance: bits of 256 that differ from that entry. quality: of the frame's hash,
    0..100. score: the classifier's, 0..1.
    """

    check: Check
    action: Action
    message: str
    frame: int | None = None
    rule: str | None = None
    label: str | None = None
    distance: int | None = None
    quality: int | None = None
    score: float | None = None


@dataclass(frozen=True)
class FrameReport:
    """Outcome for one clip: `sampled` frames were looked at, and the frame with the most faces
    showed `faces`. No findings: it may be released."""

    sampled: int
    faces: int
    findings: tuple[Finding, ...]

    @property
    def action(self) -> Action:
        """The most severe one that was found."""
        actions = [found.action for found in self.findings]
        return max(actions, key=SEVERITY.__getitem__, default="allow")
