"""Events as the Open Cybersecurity Schema Framework has them, for SIEM systems.

Every event becomes one of class 3004, Entity Management (OCSF 1.3.0): somebody did something to a
video, a key, a consent or a moderation.
"""

from typing import Any

from api import __version__
from api.audit.search import Row, Unreadable

_CATEGORY, _CLASS = 3, 3004
_UNKNOWN, _CREATE, _READ, _UPDATE, _DELETE = 0, 1, 2, 3, 4
_ACTIVITIES = {
    "prompt.moderated": _READ,
    "video.created": _CREATE,
    "video.held": _CREATE,
    "video.refused": _CREATE,
    "video.inspected": _READ,
    "video.downloaded": _READ,
    "review.frames_shown": _READ,
    "video.deleted": _DELETE,
    "file.verified": _READ,
    "consent.recorded": _CREATE,
    "consent.revoked": _DELETE,
    "key.created": _CREATE,
    "key.revoked": _DELETE,
    "key.refused": _READ,
    "subject.erased": _DELETE,
}
"""`activity_id` of event types; the others change their subject."""
_INFORMATIONAL, _MEDIUM = 1, 3
_MEDIUM_TYPES = ("key.refused", "video.failed")
_METADATA: dict[str, Any] = {
    "version": "1.3.0",
    "product": {"name": "Signet", "vendor_name": "Signet", "version": __version__},
}


def event(row: Row | Unreadable) -> dict[str, Any]:
    """The OCSF object of an event; what has no attribute there is under `unmapped`."""
    if isinstance(row, Unreadable):
        return {
            "category_uid": _CATEGORY,
            "class_uid": _CLASS,
            "activity_id": _UNKNOWN,
            "type_uid": _CLASS * 100 + _UNKNOWN,
            "severity_id": _MEDIUM,
            "message": "unreadable: somebody has tampered with this event",
            "metadata": _METADATA | {"uid": str(row.event_id), "sequence": row.place},
        }
    logged = row.event
    activity = _ACTIVITIES.get(logged.type, _UPDATE)
    actor = row.personal.content["actor"] if row.personal else "erased"
    unusual = logged.type in _MEDIUM_TYPES or logged.data.get("action") == "block"
    return {
        "category_uid": _CATEGORY,
        "class_uid": _CLASS,
        "activity_id": activity,
        "type_uid": _CLASS * 100 + activity,
        "time": int(logged.occurred_at.timestamp() * 1000),
        "severity_id": _MEDIUM if unusual else _INFORMATIONAL,
        "message": logged.type,
        "actor": {"user": {"name": actor}},
        "entity": {"uid": logged.subject or str(logged.id), "type": logged.type.split(".")[0]},
        "metadata": _METADATA
        | {
            "uid": str(logged.id),
            "event_code": logged.type,
            "sequence": row.place,
            "tenant_uid": logged.tenant,
        },
        "unmapped": logged.data,
    }
