"""Samples a clip's frames and puts them before every check."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.decision import Decision
from safety.frames.blocklist import blocklist_file
from safety.frames.classifier import load_frame_classifier
from safety.frames.faces import count_faces
from safety.frames.finding import Finding, FrameReport
from safety.frames.sampling import sampled
from safety.policy import POLICY_PATH, Combination
from safety.policy_file import policy_file

_log = logging.getLogger(__name__)


def inspect(
    frames: NDArray[np.uint8],
    fps: float,
    decision: Decision | None,
    *,
    policy_path: Path = POLICY_PATH,
    blocklist_path: Path | None = None,
    classifier_path: Path | None = None,
) -> FrameReport:
    """Check `frames` (N, H, W, 3) RGB: two a second from the first on, at most 120 in all.

    A face counts where the prompt's `decision` reaches a rule of the policy's `rendered_faces`,
    never alone; None where there is no decision to hold the frames against, or a moderator has
    released the likeness. The blocklist and the classifier are files (see their modules), None
    for none. Never raises: where a check cannot answer, it blocks and says so.
    """
    try:
        rules = policy_file(policy_path).current().rendered_faces
        numbers = sampled(frames, fps)
        sample = np.asarray(frames[numbers])
        counts = count_faces(sample)
        faces = max(counts)
        findings: list[Finding] = []
        if faces and decision is not None:
            findings += _face_findings(decision, rules, numbers[counts.index(faces)])
        if blocklist_path is not None:
            findings += blocklist_file(blocklist_path).current().compare(sample, numbers)
        if classifier_path is not None:
            findings += load_frame_classifier(classifier_path).classify(sample, numbers)
        return FrameReport(len(numbers), faces, tuple(findings))
    except Exception:
        _log.exception("frame inspection could not answer and blocked the video")
        message = "The rendered frames could not be inspected, so the video was not released."
        return FrameReport(0, 0, (Finding("inspection", "block", message),))


def _face_findings(
    decision: Decision, rules: tuple[Combination, ...], frame: int
) -> Iterator[Finding]:
    for rule in rules:
        if rule.matches(decision.categories, decision.unreleased_likeness):
            involved = " and ".join(f"“{name}”" for name in rule.scores)
            message = f"A face was rendered for a request that involves {involved}."
            yield Finding("faces", rule.action, message, frame, rule.id)
