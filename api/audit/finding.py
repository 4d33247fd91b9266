"""What a check says of something that is not as it was logged."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was logged. entry: its place in the log, if it has one."""

    message: str
    entry: int | None = None
    event_id: int | None = None
