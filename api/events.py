"""What the audit log records: one typed, versioned event for every decision and change.

An event is written in the transaction of the change itself, so they commit or vanish together. It
is public in principle: whoever acted, what they typed and the prompt go into a salted side table
that can be erased (`AuditPersonal`), and the event only commits to them.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.clock import now
from api.db.models import Base
from api.event_labels import labels_of
from provenance.ledger.leaf import commitment, encode_event, new_salt

PUBLIC = "public"
"""The tenant of what is nobody's: verifications and checks of the log."""

ACTIONS = ("allow", "review", "block")
_TABLES = Base.metadata.tables
_INSERT_EVENT = sa.insert(_TABLES["audit_event"]).returning(_TABLES["audit_event"].c.id)
# Clocks of hosts differ.
_INSERT_EVENT_NOW = _INSERT_EVENT.values(occurred_at=sa.func.clock_timestamp())
_INSERT_PERSONAL = sa.insert(_TABLES["audit_personal"])
_INSERT_LABELS = sa.insert(_TABLES["audit_label"])
_LARGEST_INTEGER = 2**53 - 1
"""That canonical JSON (RFC 8785) can carry; a larger one, such as a seed, is logged as text."""


class Event(BaseModel):
    """Something that happened. A class never changes its meaning; a new one is a new version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]
    version: ClassVar[int] = 1


class GuardAsked(BaseModel):
    """A guard model that had a say, as in safety.decision.GuardAnswer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    revision: str | None
    failure: str | None = Field(description="why it gave no answer, if so")


class PromptModerated(Event):
    """A prompt was classified. Personal: prompt, negative_prompt, and scores (JSON text: those of
    every category and of every guard model), by which a guess of the prompt could be confirmed.

    `consents` are the ids of those that released a likeness.
    """

    type = "prompt.moderated"
    version = 4

    action: Literal["allow", "review", "block"]
    flagged: list[str] = Field(description="the categories that were a reason not to allow it")
    rules: list[str]
    consents: list[str]
    guards: list[GuardAsked]
    policy_version: str
    classifier_version: str


class PolicyChanged(Event):
    """From here on the tenant's prompts are judged by another policy or classifier than before."""

    type = "policy.changed"
    version = 2

    policy_version: str
    classifier_version: str


class _VideoOrdered(Event):
    model: str
    mark_id: str
    width: int
    height: int
    num_frames: int
    fps: float
    steps: int
    guidance_scale: float
    seed: int


class VideoCreated(_VideoOrdered):
    """A video was given its identity and queued."""

    type = "video.created"


class VideoHeld(_VideoOrdered):
    """A video was given its identity and waits for a moderator."""

    type = "video.held"


class VideoRefused(_VideoOrdered):
    """A video was given its identity, and the classifier refused it."""

    type = "video.refused"


class ReviewAppealed(Event):
    """A caller asked for a person's decision on a refused video. Personal: reason."""

    type = "review.appealed"


class ReviewClaimed(Event):
    """A moderator took a case, so that no other decides it meanwhile."""

    type = "review.claimed"


class ReviewClaimReleased(Event):
    """A moderator gave a claimed case back to the queue."""

    type = "review.claim_released"


class ReviewFramesShown(Event):
    """A moderator was handed a contact sheet of rendered frames that wait for a decision."""

    type = "review.frames_shown"

    frames: list[int] = Field(description="numbers of those on it, from 0")


class ReviewApproved(Event):
    """A moderator let a held or refused video, or rendered frames, go on. Personal: reason."""

    type = "review.approved"
    version = 2

    final: bool = Field(description="false for the first of two approvals")


class ReviewRejected(Event):
    """A moderator refused a held video, rendered frames, or an appeal. Personal: reason."""

    type = "review.rejected"


class VideoStarted(Event):
    """Production began."""

    type = "video.started"


class VideoRendered(Event):
    """Frames were rendered, with everything that shaped them: model, weights' digest, scheduler."""

    type = "video.rendered"

    parameters: dict[str, Any]


class VideoInspected(Event):
    """The rendered frames were checked; `review` leaves them to a moderator.

    A finding says which check (faces, blocklist, classifier, consent, inspection), its action and,
    as far as there is one, frame (from 0), rule and label. How much is not logged: the same seed
    renders the same frames, so that a guess of the prompt could be confirmed by it.
    """

    type = "video.inspected"
    version = 3

    action: Literal["allow", "review", "block"]
    sampled: int = Field(description="frames that were looked at")
    faces: int = Field(description="in the frame with most of them")
    findings: list[dict[str, Any]]


class VideoSealed(Event):
    """The finished file was marked, signed, re-opened and proved; it will be released."""

    type = "video.sealed"

    sha256: str
    size_bytes: int
    manifest_label: str
    certificate_serial: str
    mark_id: str


class VideoReleased(Event):
    """The file can be downloaded; its sealing was in the log before."""

    type = "video.released"


class VideoFailed(Event):
    """Production stopped; nothing was released. Personal: error."""

    type = "video.failed"
    version = 2

    stage: str
    code: str
    detail: dict[str, Any]


class VideoCancelled(Event):
    """A video was cancelled before it was finished."""

    type = "video.cancelled"


class VideoDownloaded(Event):
    """A released file was handed out."""

    type = "video.downloaded"

    variant: Literal["video", "thumbnail"]


class VideoDeleted(Event):
    """A video was hidden, and what its caller typed was erased: prompts, appeal."""

    type = "video.deleted"
    version = 2


class FileVerified(Event):
    """Somebody asked where a file came from; who is never recorded."""

    type = "file.verified"

    sha256: str
    verdict: str


class ConsentRecorded(Event):
    """A person's release of their likeness was recorded; its form is kept elsewhere. Personal:
    subject, aliases, uses."""

    type = "consent.recorded"

    scope: Literal["any_depiction", "named_uses"]
    evidence_sha256: str = Field(description="of the signed form")
    expires_at: str = Field(description="UTC, ISO 8601")


class ConsentRevoked(Event):
    """A consent was ended before it expired."""

    type = "consent.revoked"


class KeyCreated(Event):
    """An API key was made. Personal: name."""

    type = "key.created"

    scopes: list[str]


class KeyRevoked(Event):
    """An API key was revoked."""

    type = "key.revoked"


class KeyRefused(Event):
    """A key was presented that is expired, revoked, or has another secret."""

    type = "key.refused"


class LogChecked(Event):
    """An operator had the whole log checked against its signed heads."""

    type = "log.checked"

    entries: int = Field(description="that were checked")
    findings: int = Field(description="what was not as it was logged; 0 if the log is intact")


class SubjectErased(Event):
    """Everything personal about a video, moderation, key or consent was erased."""

    type = "subject.erased"

    entries: int = Field(description="rows that were removed")


def all_types() -> list[type[Event]]:
    """Every kind of event, in the order of the definitions above."""
    return [kind for kind in _kinds(Event) if "type" in vars(kind)]


def append(
    session: Session,
    event: Event,
    *,
    tenant: str,
    actor: str,
    subject: str | None = None,
    personal: dict[str, str | None] | None = None,
) -> None:
    """Add one event to the caller's transaction.

    tenant: whose it is. actor: who did it, such as `key:ID`; kept in the personal part.
    subject: the video, key or consent it is about. personal: texts that must be erasable. Raises
    FormatError for what could never have a place in the log, such as more than 65,535 bytes.
    """
    texts = {name: _plain(text) for name, text in (personal or {}).items() if text is not None}
    content = {"actor": actor, **texts}
    salt = new_salt()
    data = data_of(event)
    row: dict[str, Any] = {
        "type": event.type,
        "version": event.version,
        "tenant": tenant,
        "subject": subject,
        "data": data,
        "commitment": commitment(salt, dict(content)),
    }
    _require_loggable(row)
    connection = session.connection()  # twice as fast as through mapped classes
    if connection.dialect.name == "postgresql":
        inserted = connection.execute(_INSERT_EVENT_NOW, row)
    else:  # one host
        inserted = connection.execute(_INSERT_EVENT, row | {"occurred_at": now()})
    event_id = inserted.scalar_one()
    connection.execute(_INSERT_PERSONAL, {"event_id": event_id, "salt": salt, "content": content})
    found_by = [
        {"event_id": event_id, "label": each, "tenant": tenant, "type": event.type}
        for each in labels_of(data, actor)
    ]
    connection.execute(_INSERT_LABELS, found_by)


def _require_loggable(row: dict[str, Any]) -> None:
    """Raises FormatError for an event whose entry (`api.audit.entry`) cannot be written: it would
    wait for its place in vain."""
    members = {name: value for name, value in row.items() if name != "commitment"}
    personal, time = row["commitment"].hex(), datetime.max.isoformat() + "+00:00"
    encode_event(members | {"id": _LARGEST_INTEGER, "personal": personal, "time": time})


def data_of(event: Event) -> dict[str, Any]:
    """What an event says, as it is logged."""
    return {name: exact(value) for name, value in sorted(event.model_dump(mode="json").items())}


def outcome(data: dict[str, Any]) -> str | None:
    """What was decided or found, in a word or three; None for an event that only happened."""
    if "final" in data:
        return "final" if data["final"] else "first of two"
    found = data.get("action") or data.get("verdict") or data.get("code")
    return None if found is None else str(found)


def _kinds(kind: type[Event]) -> list[type[Event]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _kinds(below))]


def exact(value: Any) -> Any:
    """As canonical JSON will have it: members in order, whole numbers without a point."""
    if isinstance(value, dict):
        return {name: exact(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [exact(part) for part in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_INTEGER:
        return int(value)
    is_large = isinstance(value, int) and abs(value) > _LARGEST_INTEGER
    return str(value) if is_large else value


def _plain(text: str) -> str:
    """Databases take neither NUL nor half a surrogate pair."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
