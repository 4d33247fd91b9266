"""Looks for faces in frames."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Faces smaller than a tenth of the picture's width are not looked for: cost grows with the square.
_DETECTION_WIDTH = 240
_SMALLEST_FACE = 24
_SCALE_STEP = 1.2
_MIN_NEIGHBOURS = 4
_CASCADES = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")


def count_faces(frames: NDArray[np.uint8]) -> list[int]:
    """The number of faces in each of `frames` (N, H, W, 3) RGB, frontal or in profile."""
    import cv2  # here, because opencv is slow to load and moderating a prompt does not need it

    # New ones for every clip: a cascade must not be used by two threads at once.
    cascades = [_load_cascade(name) for name in _CASCADES]
    height, width = frames.shape[1:3]
    size = (_DETECTION_WIDTH, max(round(height * _DETECTION_WIDTH / width), 1))
    smallest = (_SMALLEST_FACE, _SMALLEST_FACE)
    counts = []
    for frame in frames:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        counts.append(
            max(
                len(
                    cascade.detectMultiScale(
                        small,
                        scaleFactor=_SCALE_STEP,
                        minNeighbors=_MIN_NEIGHBOURS,
                        minSize=smallest,
                    )
                )
                for cascade in cascades
            )
        )
    return counts


def _load_cascade(name: str):  # type: ignore[no-untyped-def]  # cv2's stubs lack a usable type
    import cv2
    from cv2 import data

    cascade = cv2.CascadeClassifier(str(Path(data.haarcascades) / name))
    if cascade.empty():
        raise RuntimeError(f"opencv has no face cascade {name}: install opencv-python 4.12 to 4.x")
    return cascade
