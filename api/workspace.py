"""Where a video's intermediate pictures live while it is produced.

Objects under ``work/<video id>/`` in the store, so that another host can take a job over; files
being written lie in this worker's scratch folder, which the worker empties when it starts.
"""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.storage import Storage

Frames = NDArray[np.uint8]


class Workspace:
    """Named intermediate objects of one video at a time."""

    def __init__(self, storage: Storage, scratch: Path) -> None:
        self._storage = storage
        self._scratch = scratch

    def prepare(self) -> None:
        """Empty the scratch folder of what a killed predecessor left; only for its one owner."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A private folder for files being written."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            yield Path(folder)

    def save(self, video_id: str, path: Path) -> str:
        """Keep a finished file; returns the name to open it by.

        Every call makes a name of its own, so that a worker which lost the job without knowing
        cannot slip its file under what another one checked.
        """
        name = f"{secrets.token_hex(4)}-{path.name}"
        self._storage.put(f"work/{video_id}/{name}", path)
        return name

    def open(self, video_id: str, name: str) -> AbstractContextManager[Path]:
        """A readable copy of a kept file; raises FileNotFoundError."""
        return self._storage.local_copy(f"work/{video_id}/{name}")

    def save_frames(self, video_id: str, frames: Frames) -> str:
        """Keep uint8 frames of shape (N, H, W, 3), uncompressed; returns their name."""
        with self.scratch() as folder:
            path = folder / "frames.npy"
            np.save(path, frames)
            return self.save(video_id, path)

    @contextmanager
    def frames(self, video_id: str, name: str) -> Iterator[Frames]:
        """The kept frames, memory-mapped and read-only."""
        with self.open(video_id, name) as path:
            yield np.load(path, mmap_mode="r")

    def video_ids(self) -> list[str]:
        """The videos that anything is kept for."""
        return sorted({key.split("/")[1] for key in self._storage.list("work/")})

    def destroy(self, video_id: str) -> None:
        """Delete everything kept for a video; nothing there is fine."""
        self._storage.delete_all(f"work/{video_id}/")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
