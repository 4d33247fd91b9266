"""The tables. Every row that belongs to somebody carries its tenant."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime on every database (SQLite itself knows no time zones)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive values: a naive datetime would silently mean local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Attach UTC where the database dropped it."""
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ComparedTime(UtcDateTime):
    """A time by which rows are found. SQLite compares it as text, so there it has one spelling:
    ValueError for every other one, which would be sorted elsewhere."""

    cache_ok = True
    _SPELLING = r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})\Z"

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """As SQLAlchemy itself writes it."""
        if dialect.name == "sqlite":
            written = DATETIME(regexp=self._SPELLING)  # type: ignore[no-untyped-call]
            return dialect.type_descriptor(written)
        return super().load_dialect_impl(dialect)


class Bytes(sa.LargeBinary):
    """Bytes; TypeError for anything else that SQLite may have stored."""

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Refuse what SQLAlchemy would turn into bytes: a number into as many zeros."""
        if dialect.name != "sqlite":
            return None

        def process(value: Any) -> bytes | None:
            if value is not None and not isinstance(value, bytes):
                raise TypeError("not bytes")
            return value

        return process


_TIME = "occurred_at >= '1970-01-01 00:00:00+00' AND occurred_at < '9999-12-31 00:00:00+00'"
"""Of an event: PostgreSQL has times that Python has not, such as infinity."""
_Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Base(DeclarativeBase):
    """Declarative base with named constraints, so that every migration can address them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        bytes: Bytes(),
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }


VISIBLE_LABEL = "visible_label"
"""Key of a video's request: text and corner of the label to be burnt in, or None."""


class ApiKey(Base):
    """A bearer key; only the SHA-256 of its 256-bit secret is stored."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    tenant: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(200))
    secret_sha256: Mapped[str] = mapped_column(sa.String(64))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Video(Base):
    """One request and its identity, written before anything is rendered.

    ``mark_id`` (16 hex digits) and ``manifest_label`` are unique and drawn first, so that a crash
    can never leave a marked or signed file that the database does not know.
    """

    __tablename__ = "video"
    __table_args__ = (
        sa.UniqueConstraint("tenant", "idempotency_key"),
        sa.Index("ix_video_tenant_created_at_id", "tenant", "created_at", "id"),
        sa.Index("ix_video_state", "state"),
    )

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(16))
    mark_id: Mapped[str] = mapped_column(sa.String(16), unique=True)
    manifest_label: Mapped[str] = mapped_column(sa.String(64), unique=True)

    model: Mapped[str] = mapped_column(sa.String(200))
    prompt: Mapped[str | None] = mapped_column(sa.Text)  # erased when the video is deleted
    negative_prompt: Mapped[str | None] = mapped_column(sa.Text)
    request: Mapped[dict[str, Any]]  # a RenderRequest without prompts, and VISIBLE_LABEL
    moderation: Mapped[dict[str, Any]]
    warnings: Mapped[list[str]]

    idempotency_key: Mapped[str | None] = mapped_column(sa.String(255))
    request_sha256: Mapped[str] = mapped_column(sa.String(64))

    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(sa.String(64))
    error_message: Mapped[str | None] = mapped_column(sa.Text)


class Review(Base):
    """The case of a video that a moderator has to decide on, or has decided on."""

    __tablename__ = "review"
    __table_args__ = (sa.Index("ix_review_state", "state", "opened_at", "video_id"),)

    video_id: Mapped[str] = mapped_column(sa.ForeignKey("video.id"), primary_key=True)
    tenant: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(16))  # held, appeal
    state: Mapped[str] = mapped_column(sa.String(16))  # open, approved, rejected, withdrawn
    appeal: Mapped[str | None] = mapped_column(sa.Text)  # what the caller says; can be erased
    opened_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(sa.String(128))
    claimed_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(sa.String(128))  # the first of two
    decided_at: Mapped[datetime | None]


class Consent(Base):
    """A person's recorded release of their likeness to a tenant; the operator keeps the form."""

    __tablename__ = "consent"
    __table_args__ = (sa.Index("ix_consent_tenant", "tenant", "created_at", "id"),)

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(200))  # the person's name; can be erased
    aliases: Mapped[list[str]]
    scope: Mapped[str] = mapped_column(sa.String(16))  # any_depiction, named_uses
    uses: Mapped[str | None] = mapped_column(sa.Text)  # that the form names
    evidence_sha256: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Asset(Base):
    """The finished file of a video: where it lies and what was proved about it."""

    __tablename__ = "asset"

    video_id: Mapped[str] = mapped_column(sa.ForeignKey("video.id"), primary_key=True)
    object_key: Mapped[str] = mapped_column(sa.String(255), unique=True)
    thumbnail_key: Mapped[str] = mapped_column(sa.String(255))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    certificate_serial: Mapped[str] = mapped_column(sa.String(64))
    manifest: Mapped[bytes]  # the C2PA manifest store, to hand out when a copy lost it
    parameters: Mapped[dict[str, Any]]  # everything that shaped the picture
    evidence: Mapped[dict[str, Any]]  # what re-opening the finished file found
    created_at: Mapped[datetime]


class KeptReport(Base):
    """A verification's report behind an unguessable link; it holds nothing of the upload but its
    digest, and nothing about who asked."""

    __tablename__ = "kept_report"
    __table_args__ = (sa.Index("ix_kept_report_expires_at", "expires_at"),)

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    language: Mapped[str] = mapped_column(sa.String(8))  # of the report's sentences
    report: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(ComparedTime())


class Fingerprint(Base):
    """What the pictures of a finished video look like (:mod:`provenance.fingerprint`); goes when
    the video is deleted, as its pictures do. ``codes`` repeats what a search is made in."""

    __tablename__ = "fingerprint"

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    video_id: Mapped[str] = mapped_column(sa.ForeignKey("video.id"), unique=True)
    codes: Mapped[bytes]
    content: Mapped[bytes]


class AuditEvent(Base):
    """One event of the log. Append-only: the database itself refuses UPDATE and DELETE.

    ``commitment`` stands for what is personal about it (:mod:`provenance.ledger.leaf`).
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index("ix_audit_event_subject", "subject", "id"),
        sa.Index("ix_audit_event_type", "type", "id"),
        sa.Index("ix_audit_event_tenant", "tenant", "id"),
        sa.Index("ix_audit_event_tenant_type", "tenant", "type", "id"),
        sa.CheckConstraint(_TIME, name="occurred_at").ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    occurred_at: Mapped[datetime] = mapped_column(ComparedTime())
    type: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[int]
    tenant: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str | None] = mapped_column(sa.String(64))
    data: Mapped[dict[str, Any]]
    commitment: Mapped[bytes]


class AuditLabel(Base):
    """Something that an event is found by and that is no column of it, such as ``action:block``, or
    several such things in lines (:func:`api.event_labels.labels_of`).

    It only repeats what the event and its personal part say, and goes when that is erased. Tenant
    and type are repeated too. So whatever events are asked for are neighbours in one index, however
    few they are among others.
    """

    __tablename__ = "audit_label"
    __table_args__ = (
        sa.Index("ix_audit_label_label", "label", "event_id"),
        sa.Index("ix_audit_label_label_type", "label", "type", "event_id"),
        sa.Index("ix_audit_label_tenant", "tenant", "label", "event_id"),
        sa.Index("ix_audit_label_tenant_type", "tenant", "label", "type", "event_id"),
    )

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_event.id"), primary_key=True)
    label: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    tenant: Mapped[str] = mapped_column(sa.String(64))
    type: Mapped[str] = mapped_column(sa.String(64))


class AuditPersonal(Base):
    """Who acted, and texts such as a prompt: everything about an event that can be erased."""

    __tablename__ = "audit_personal"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_event.id"), primary_key=True)
    salt: Mapped[bytes]
    content: Mapped[dict[str, Any]]


class AuditPending(Base):
    """An event that has no place in the tree yet; the database adds it with the event."""

    __tablename__ = "audit_pending"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_event.id"), primary_key=True)


class AuditLeaf(Base):
    """The place of an event in the tree, from 0, without gaps, and its bytes there. Append-only."""

    __tablename__ = "audit_leaf"
    __table_args__ = (sa.CheckConstraint('"index" >= 0', name="index"),)

    index: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_event.id"), unique=True)
    entry: Mapped[bytes]


class AuditSpan(Base):
    """The earliest and the latest time of events that have a place, and whose numbers are `first`,
    a multiple of 1024, to 1023 more."""

    __tablename__ = "audit_span"

    first: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    earliest: Mapped[datetime] = mapped_column(ComparedTime())
    latest: Mapped[datetime] = mapped_column(ComparedTime())


class AuditTile(Base):
    """Hashes of the tree, 32 bytes each, in C2SP tlog-tiles; the last of each level still grows."""

    __tablename__ = "audit_tile"

    level: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]


class AuditCheckpoint(Base):
    """A signed head of the tree. Append-only; at most one for each size, so it cannot fork."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    note: Mapped[bytes]
    created_at: Mapped[datetime]


class AuditCosignature(Base):
    """A witness's signature line on a signed head (C2SP tlog-cosignature), its newline included."""

    __tablename__ = "audit_cosignature"

    size: Mapped[int] = mapped_column(
        sa.ForeignKey("audit_checkpoint.size"), primary_key=True, autoincrement=False
    )
    witness: Mapped[str] = mapped_column(sa.String(256), primary_key=True)
    line: Mapped[bytes]


class HeadDelivery(Base):
    """What became of heads that were sent to a witness, under its key, or to the webhook; no part
    of the log."""

    __tablename__ = "head_delivery"

    receiver: Mapped[str] = mapped_column(sa.String(256), primary_key=True)
    size: Mapped[int | None] = mapped_column(_Serial)  # of the head that it took last
    taken_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(sa.Text)  # of the last try that failed
    failed_at: Mapped[datetime | None]


class Worker(Base):
    """The liveness lease of one worker process; ``seen`` is the database's clock."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    seen: Mapped[datetime]
