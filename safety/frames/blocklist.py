"""An operator's list of pictures that must not be rendered, as PDQ hashes.

A line is 64 hexadecimal digits and, after a space, an optional label; empty lines and lines that
begin with # count for nothing. The list is read again when its file changes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.frames.finding import Finding
from safety.frames.pdq import BITS, from_hex, pdq
from safety.reloaded import ReloadedFile

MATCH = 31
"""Bits of 256 that may differ. Meta's confident match: PDQ_CONFIDENT_MATCH_THRESHOLD in its
threatexchange package, from the PDQ paper of 2019."""
RELIABLE_QUALITY = 50
"""Meta trusts no hash below it (threatexchange, PdqSignal); a match with one asks a moderator."""


class BlocklistError(ValueError):
    """The list cannot be read; the message names the line."""


@dataclass(frozen=True)
class Blocklist:
    """`hashes` (N, 256) of 0 and 1, and the label of each, maybe empty."""

    version: str
    hashes: NDArray[np.uint8]
    labels: tuple[str, ...]

    def compare(self, frames: NDArray[np.uint8], numbers: list[int]) -> Iterator[Finding]:
        """The frame nearest to every entry that some of `frames` (N, H, W, 3) match, mirrored and
        turned too. numbers: of the frames in their clip."""
        nearest: dict[int, Finding] = {}
        listed = self.hashes.astype(np.float32)
        for frame, number in zip(frames, numbers, strict=True):
            found = pdq(frame)
            # Bits that differ: those of the one, plus of the other, less twice the common ones.
            views = found.views.astype(np.float32)
            common = views @ listed.T
            distances = (views.sum(1)[:, None] + listed.sum(1)[None] - 2 * common).min(axis=0)
            for entry in np.flatnonzero(distances <= MATCH).tolist():
                distance = int(distances[entry])
                known = nearest.get(entry)
                if known is None or known.distance is None or distance < known.distance:
                    nearest[entry] = _finding(number, distance, found.quality, self.labels[entry])
        yield from nearest.values()


@cache
def blocklist_file(path: Path) -> ReloadedFile[Blocklist]:
    """The one of this path in this process."""
    return ReloadedFile(path, "blocklist", load_blocklist)


def load_blocklist(path: Path) -> Blocklist:
    """Read and validate a list. Raises BlocklistError."""
    try:
        content = path.read_bytes()
        lines = content.decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BlocklistError(f"cannot read the blocklist {path}: {error}") from error
    hashes, labels = [], []
    for number, line in enumerate(lines, 1):
        digits, _, label = line.strip().partition(" ")
        if not digits or digits.startswith("#"):
            continue
        try:
            hashes.append(from_hex(digits))
        except ValueError as error:
            raise BlocklistError(f"{path}, line {number}: {error}") from error
        labels.append(label.strip())
    version = hashlib.sha256(content).hexdigest()[:12]
    return Blocklist(version, np.array(hashes, np.uint8).reshape(-1, BITS), tuple(labels))


def _finding(number: int, distance: int, quality: int, label: str) -> Finding:
    reliable = quality >= RELIABLE_QUALITY
    return Finding(
        check="blocklist",
        action="block" if reliable else "review",
        message="A rendered frame is nearly the same as a picture on the operator's blocklist."
        if reliable
        else "A rendered frame may be the same as a picture on the operator's blocklist, but shows "
        "too little to be sure; a moderator will look at it.",
        frame=number,
        label=label or None,
        distance=distance,
        quality=quality,
    )
