"""Clips, and the trip through a real H.264 encoder."""

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

SHIP = Path(__file__).parents[2] / "fixtures" / "video" / "cogvx_ship.mp4"


def read_video(source: str | io.BytesIO) -> np.ndarray:
    with av.open(source) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


@pytest.fixture(scope="session")
def reencode() -> Callable[[np.ndarray, int], np.ndarray]:
    """Frames after libx264 at a constant rate factor, 8 frames a second, 4:2:0."""

    def run(frames: np.ndarray, crf: int) -> np.ndarray:
        buffer = io.BytesIO()
        with av.open(buffer, "w", format="mp4") as output:
            stream = output.add_stream("libx264", rate=Fraction(8))
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": str(crf)}
            for frame in frames:
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
                output.mux(stream.encode(picture))
            output.mux(stream.encode())
        buffer.seek(0)
        return read_video(buffer)

    return run


@pytest.fixture(scope="session")
def ship() -> np.ndarray:
    """CogVideoX output: a toy ship on a carpet, 49 frames of 720x480."""
    return read_video(str(SHIP))


@pytest.fixture(scope="session")
def small(ship: np.ndarray) -> np.ndarray:
    """Four frames of 256x240 cut from `ship`: too small for the open mark, hence fast to search."""
    return np.ascontiguousarray(ship[:4, 240:, 464:])


@pytest.fixture(scope="session")
def circle() -> np.ndarray:
    """A red disc moving over blue, drawn at 192x128 and enlarged to 720x480: flat and smooth."""
    y, x = np.mgrid[:128, :192]
    frames = []
    for index in range(17):
        frame = np.full((128, 192, 3), (30, 60, 160), np.uint8)
        frame[(x - 30 - 7 * index) ** 2 + (y - 64) ** 2 < 24**2] = (220, 40, 40)
        frames.append(cv2.resize(frame, (720, 480), interpolation=cv2.INTER_CUBIC))
    return np.stack(frames)
