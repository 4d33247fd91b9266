"""What an event is found by that is no column of it: who acted, what was decided, and because of
what. Kept beside the event in `AuditLabel`, and gone with its personal part."""

from typing import Any

ACTOR, _ACTION, _CATEGORY = "actor:", "action:", "category:"


def labels_of(data: dict[str, Any], actor: str | None) -> list[str]:
    """What an event is found by, apart from its columns: everything that it says, and everything
    that it says at once. actor: None once it was erased; it comes first, where erasure looks."""
    found = [] if actor is None else [f"{ACTOR}{actor}"]
    if "action" in data:
        action = f"{_ACTION}{data['action']}"
        found += [action, *[f"{each}\n{action}" for each in found]]
    if flagged := data.get("flagged"):
        alone = ["", *[f"{each}\n" for each in found]]
        for category in dict.fromkeys(flagged):
            found += [f"{each}{_CATEGORY}{category}" for each in alone]
    return found


def label_of(
    *, actor: str | None = None, action: str | None = None, category: str | None = None
) -> str:
    """What the events are found by that say all this; empty where nothing is asked."""
    named = ((ACTOR, actor), (_ACTION, action), (_CATEGORY, category))
    return "\n".join([f"{name}{value}" for name, value in named if value is not None])
