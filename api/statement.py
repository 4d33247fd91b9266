"""The statement of reasons for a decision about a prompt or its frames, after Article 17 of the
EU's Digital Services Act: what was decided, on which grounds, by whom, and what can be done."""

from dataclasses import dataclass
from typing import Any

from api.db.models import Video
from api.states import State

_DECISIONS = {
    State.HELD: "held for a moderator",
    State.WITHHELD: "rendered, and held for a moderator",
    State.REFUSED: "refused",
}
_ENDINGS = {
    "moderation_rejected": "refused by a moderator, for good",
    "frames_blocked": "refused after it was rendered; the frames are destroyed",
}


@dataclass(frozen=True, slots=True)
class StatementOfReasons:
    """automated: whether no person has decided. reasons: category and sentence of each."""

    decision: str
    automated: bool
    reasons: list[dict[str, Any]]
    policy_version: str
    classifier_version: str
    appeal: str | None


def statement_of_reasons(video: Video, *, appealed: bool) -> StatementOfReasons:
    """For a video that is held or was refused; any other was allowed. appealed: whether its caller
    has asked for a person's decision."""
    state = State(video.state)
    by_person = video.error_code == "moderation_rejected"
    decision = _ENDINGS.get(video.error_code or "") or _DECISIONS.get(state)
    moderation = video.moderation
    reasons = list(map(_of_frames, moderation.get("findings", [])))
    if video.error_code != "frames_blocked":  # its prompt had been let through
        reasons = [*moderation.get("reasons", []), *reasons]
    return StatementOfReasons(
        decision=decision or "allowed",
        automated=not by_person,
        reasons=reasons if decision else [],
        policy_version=moderation["policy_version"],
        classifier_version=moderation["classifier_version"],
        appeal=_appeal(video.id, appealed) if state is State.REFUSED else None,
    )


def _of_frames(found: dict[str, Any]) -> dict[str, Any]:
    return {"category": found["check"], "message": found["message"]}


def _appeal(video_id: str, appealed: bool) -> str:
    if appealed:
        return "made; it waits for a moderator"
    return f"POST /v1/videos/{video_id}/appeal with a reason: a person will decide"
