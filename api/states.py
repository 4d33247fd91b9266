"""The states of a video and every move that is allowed between them."""

from enum import StrEnum


class State(StrEnum):
    """State of a video, as stored."""

    HELD = "held"  # waits for a moderator; callers see it as queued
    REFUSED = "refused"  # by the classifier; the caller may appeal, and sees it as failed
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    WITHHELD = "withheld"  # rendered; its frames wait for a moderator, callers see in_progress
    CLEARED = "cleared"  # by a moderator; production goes on when a worker takes it up
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether the video will never change state again."""
        return not TRANSITIONS[self]


TRANSITIONS: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.QUEUED, State.FAILED, State.CANCELLED}),
    State.REFUSED: frozenset({State.QUEUED, State.FAILED}),
    State.QUEUED: frozenset({State.IN_PROGRESS, State.FAILED, State.CANCELLED}),
    State.IN_PROGRESS: frozenset({State.WITHHELD, State.COMPLETED, State.FAILED, State.CANCELLED}),
    State.WITHHELD: frozenset({State.CLEARED, State.FAILED, State.CANCELLED}),
    State.CLEARED: frozenset({State.IN_PROGRESS, State.FAILED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


def sources(target: State) -> frozenset[State]:
    """The states from which ``target`` may be entered."""
    return frozenset(state for state, targets in TRANSITIONS.items() if target in targets)
