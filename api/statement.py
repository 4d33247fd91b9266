"""The statement of reasons for a decision about a prompt, after Article 17 of the EU's Digital
Services Act: what was decided, on which grounds, by whom, and what can be done about it."""

from dataclasses import dataclass
from typing import Any

from api.db.models import Video
from api.states import State

_DECISIONS = {
    State.HELD: "held for a moderator",
    State.REFUSED: "refused",
    State.FAILED: "refused",
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


def statement_of_reasons(video: Video) -> StatementOfReasons:
    """For a video that is held or was refused; any other was allowed."""
    state = State(video.state)
    by_person = video.error_code == "moderation_rejected"
    stopped = state in (State.HELD, State.REFUSED) or by_person
    moderation = video.moderation
    return StatementOfReasons(
        decision=_DECISIONS[state] if stopped else "allowed",
        automated=not by_person,
        reasons=moderation.get("reasons", []) if stopped else [],
        policy_version=moderation["policy_version"],
        classifier_version=moderation["classifier_version"],
        appeal=(
            f"POST /v1/videos/{video.id}/appeal with a reason: a person will decide"
            if state is State.REFUSED
            else None
        ),
    )
