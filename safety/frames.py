"""Checks rendered frames against what the prompt asked for, before a video is released."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from safety.decision import Decision
from safety.policy import POLICY_PATH, Combination
from safety.policy_file import policy_file

_log = logging.getLogger(__name__)
_SAMPLES_PER_SECOND = 2.0
# Faces smaller than a tenth of the picture's width are not looked for: cost grows with the square.
_DETECTION_WIDTH = 240
_SMALLEST_FACE = 24
_SCALE_STEP = 1.2
_MIN_NEIGHBOURS = 4
_CASCADES = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")


@dataclass(frozen=True)
class FrameReport:
    """Outcome for one clip: `sampled` frames were looked at, and the frame with the most faces
    showed `faces`. `reasons` are sentences, empty exactly when `action` is "allow"."""

    action: Literal["allow", "block"]
    sampled: int
    faces: int
    reasons: tuple[str, ...]


def inspect(
    frames: NDArray[np.uint8],
    fps: float,
    decision: Decision | None,
    *,
    policy_path: Path = POLICY_PATH,
) -> FrameReport:
    """Look for faces in `frames` (N, H, W, 3) RGB at two frames a second.

    Blocks when a face was rendered and the prompt's `decision` reaches a rule of the policy's
    `rendered_faces`. A face alone never blocks. Pass None where there is no decision to hold the
    frames against, or a moderator has released the likeness. Never raises: on any failure, bad
    shapes included, it blocks and says so.
    """
    try:
        rules = policy_file(policy_path).current().rendered_faces
        sample = _sample(frames, fps)
        faces = _most_faces(sample)
        reasons = _reasons(decision, rules) if faces and decision else ()
        return FrameReport("block" if reasons else "allow", len(sample), faces, reasons)
    except Exception:
        _log.exception("frame inspection could not answer and blocked the video")
        message = "The rendered frames could not be inspected, so the video was not released."
        return FrameReport("block", 0, 0, (message,))


def _sample(frames: NDArray[np.uint8], fps: float) -> NDArray[np.uint8]:
    if frames.ndim != 4 or frames.shape[3] != 3 or not len(frames) or frames.dtype != np.uint8:
        raise ValueError(f"frames must be uint8 (N,H,W,3), not {frames.dtype} {frames.shape}")
    if not fps > 0:
        raise ValueError(f"fps must be positive, not {fps}")
    step = max(int(fps / _SAMPLES_PER_SECOND), 1)
    return frames[::step]


def _most_faces(frames: NDArray[np.uint8]) -> int:
    """The number of faces in the frame that shows most of them."""
    import cv2  # here, because opencv is slow to load and moderating a prompt does not need it

    # New ones for every clip: a cascade must not be used by two threads at once.
    cascades = [_load_cascade(name) for name in _CASCADES]
    height, width = frames.shape[1:3]
    size = (_DETECTION_WIDTH, max(round(height * _DETECTION_WIDTH / width), 1))
    smallest = (_SMALLEST_FACE, _SMALLEST_FACE)
    most = 0
    for frame in frames:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        for cascade in cascades:
            found = cascade.detectMultiScale(
                small, scaleFactor=_SCALE_STEP, minNeighbors=_MIN_NEIGHBOURS, minSize=smallest
            )
            most = max(most, len(found))
    return most


def _load_cascade(name: str):  # type: ignore[no-untyped-def]  # cv2's stubs lack a usable type
    import cv2
    from cv2 import data

    cascade = cv2.CascadeClassifier(str(Path(data.haarcascades) / name))
    if cascade.empty():
        raise RuntimeError(f"opencv has no face cascade {name}: install opencv-python 4.12 to 4.x")
    return cascade


def _reasons(decision: Decision, rules: tuple[Combination, ...]) -> tuple[str, ...]:
    return tuple(
        "A face was rendered for a request that involves "
        + " and ".join(f"“{name}”" for name in rule.scores)
        + "."
        for rule in rules
        if rule.matches(decision.categories, decision.unreleased_likeness)
    )
