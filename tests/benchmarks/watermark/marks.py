"""Marked material: our mark and its peers, each clip marked once with a fixed message."""

import fcntl
import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from . import clips, peers, results
from .attacks import Frames

KEY = hashlib.sha256(b"key of the watermark study").digest()
OURS, LUMA = "ours", "luma mark"
"""Both marks; the keyed one alone."""


def mark_id(clip: str, copy: int = 0) -> int:
    """A clip's 64-bit id, as good as random; another one for each copy."""
    return int.from_bytes(hashlib.sha256(f"{clip} {copy}".encode()).digest()[:8], "big")


@lru_cache(maxsize=8)
def marked(clip: str, method: str = OURS, copy: int = 0) -> Frames:
    """The frames of a clip marked by a method; from disk where they were made before."""
    folder = results.FOLDER / "peers" if method in peers.METHODS else results.cache()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{clip}-{method}-{copy}.npy".replace(" ", "-")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other processes wait rather than mark it too
        if not path.exists():
            _save(path, _make(clip, method, copy))
    return np.asarray(np.load(path, mmap_mode="r"))


def _save(path: Path, frames: Frames) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, frames)
    partial.replace(path)


def _make(clip: str, method: str, copy: int) -> Frames:
    frames = clips.load(clip)
    if method in peers.METHODS:
        return peers.embed(frames, method, peers.message(clip))
    if method == LUMA:
        from provenance.watermark.embed import embed_luma as embed
    else:
        from provenance.watermark import embed
    return embed(frames, mark_id(clip, copy), KEY)
