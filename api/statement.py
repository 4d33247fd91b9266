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
    stopped = state in _DECISIONS or by_person
    moderation = video.moderation
    reasons = [*moderation.get("reasons", []), *map(_of_frames, moderation.get("findings", []))]
    return StatementOfReasons(
        decision=_decision(state, by_person) if stopped else "allowed",
        automated=not by_person,
        reasons=reasons if stopped else [],
        policy_version=moderation["policy_version"],
        classifier_version=moderation["classifier_version"],
        appeal=_appeal(video.id, appealed) if state is State.REFUSED else None,
    )


def _of_frames(found: dict[str, Any]) -> dict[str, Any]:
    return {"category": found["check"], "message": found["message"]}


def _decision(state: State, by_person: bool) -> str:
    return "refused by a moderator, for good" if by_person else _DECISIONS[state]


def _appeal(video_id: str, appealed: bool) -> str:
    if appealed:
        return "made; it waits for a moderator"
    return f"POST /v1/videos/{video_id}/appeal with a reason: a person will decide"
