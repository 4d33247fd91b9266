"""Reads JSON that a stranger wrote: any field may be missing or have any shape, nothing raises."""

from typing import Any

LONGEST_TEXT = 256
MOST_ITEMS = 64
"""Texts and lists in a report come from strangers: enough to read, not enough to hurt."""


def get(value: Any, *keys: str | None) -> Any:
    """The member that the path of `keys` leads to, None where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: Any) -> list[Any]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """A string cut to a bearable length; None for anything else."""
    return value[:LONGEST_TEXT] if isinstance(value, str) else None
