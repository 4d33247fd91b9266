"""The signed heads of this log: what they say beyond C2SP, and which of them are false.

A head names the size of the one before it and the moment of its signature, in extension lines (C2SP
tlog-checkpoint, "Note text"), so that no head can vanish or be dated anew. Heads that were signed
before there were such lines are held to the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit.finding import Finding
from api.audit.reading import MALFORMED, in_halves
from api.db.models import AuditCheckpoint, AuditCosignature
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from provenance.ledger.cosignature import WitnessKey
from provenance.ledger.errors import FormatError, LedgerError
from provenance.ledger.fields import decode_number
from provenance.ledger.keys import VerifierKey
from provenance.ledger.note import Note, NoteSigner
from provenance.ledger.witness import add_cosignatures

_PREVIOUS, _SIGNED = "previous ", "signed "
_EVERY_SIZE = (-(2**63), 2**63 - 1)


def sign(
    signer: NoteSigner, size: int, root: bytes, *, previous: int, at: datetime
) -> AuditCheckpoint:
    """The head of a tree of `size` entries. previous: the size of the head before, 0 for none."""
    lines = (f"{_PREVIOUS}{previous}", f"{_SIGNED}{_moment(at)}")
    note = sign_checkpoint(Checkpoint(signer.name, size, root, lines), signer)
    return AuditCheckpoint(size=size, note=note, created_at=at)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a head claims beyond C2SP; None for what it does not. signed: the signer's clock.
    previous: the size of the head before."""

    signed: datetime | None
    previous: int | None


def claims(head: Checkpoint) -> Claims:
    """Raises FormatError where a line of ours holds something else."""
    signed, previous = _said(head, _SIGNED), _said(head, _PREVIOUS)
    try:
        at = None if signed is None else datetime.fromisoformat(signed)
    except ValueError as error:
        raise FormatError("the head does not say when it was signed") from error
    size = None if previous is None else decode_number(previous, "the size of the head before")
    return Claims(at, size)


def open_kept(note: bytes, key: VerifierKey) -> Checkpoint:
    """A head that somebody kept; raises as `open_checkpoint`, saying that it is about this one."""
    try:
        return open_checkpoint(note, [key])[0]
    except LedgerError as error:
        raise type(error)(f"the kept head: {error}") from error


def check(session: Session, key: VerifierKey) -> tuple[dict[int, Checkpoint], list[Finding]]:
    """The heads that the log's key has signed, by their sizes and in their order, and what is wrong
    with others."""
    rows, unreadable = in_halves(partial(_heads, session), *_EVERY_SIZE)
    heads: dict[int, Checkpoint] = {}
    wrongs = dict.fromkeys(unreadable, "cannot be read")
    for row in rows:
        try:
            checkpoint, _ = open_checkpoint(row.note, [key])
        except LedgerError as error:
            wrongs[row.size] = f"is false: {error}"
            continue
        if checkpoint.size != row.size:
            wrongs[row.size] = f"says {checkpoint.size}"
            continue
        heads[row.size] = checkpoint
        if len(Note.parse(row.note).signatures) > 1:
            wrongs[row.size] = "has lines below the log's signature"
        if _said(checkpoint, _SIGNED) not in (None, _moment(row.created_at)):
            wrongs[row.size] = "was signed at another time than is written beside it"
    there = {0, *unreadable, *(row.size for row in rows)}
    wrongs |= dict.fromkeys(sorted(_previous_sizes(heads.values()) - there), "is gone")
    return heads, [
        Finding(f"the checkpoint of size {size} {what}") for size, what in wrongs.items()
    ]


def check_cosignatures(session: Session) -> list[Finding]:
    """What is wrong with the witnesses' signatures that are kept with the heads."""
    rows, unreadable = in_halves(partial(_cosignatures, session), *_EVERY_SIZE)
    wrongs = [(size, "cannot be read") for size in unreadable]
    for row in rows:
        try:
            key = WitnessKey.parse(row.witness)
            good = add_cosignatures(row.note, row.line, [key]) == row.note + row.line
        except MALFORMED:  # a LedgerError among them
            good = False
        if not good:
            wrongs.append((row.size, f"by {row.witness} is false"))
    return [
        Finding(f"a cosignature of the checkpoint of size {size} {what}") for size, what in wrongs
    ]


def _heads(session: Session, first: int, last: int) -> list[sa.Row[Any]]:
    columns = (AuditCheckpoint.size, AuditCheckpoint.note, AuditCheckpoint.created_at)
    query = sa.select(*columns).where(AuditCheckpoint.size.between(first, last))
    return list(session.execute(query.order_by(AuditCheckpoint.size)))


def _cosignatures(session: Session, first: int, last: int) -> list[sa.Row[Any]]:
    query = (
        sa.select(
            AuditCosignature.size,
            AuditCheckpoint.note,
            AuditCosignature.witness,
            AuditCosignature.line,
        )
        .join(AuditCheckpoint, AuditCheckpoint.size == AuditCosignature.size)
        .where(AuditCosignature.size.between(first, last))
        .order_by(AuditCosignature.size, AuditCosignature.witness)
    )
    return list(session.execute(query))


def _previous_sizes(heads: Iterable[Checkpoint]) -> set[int]:
    said = (_said(head, _PREVIOUS) for head in heads)
    return {int(size) for size in said if size is not None}


def _said(head: Checkpoint, name: str) -> str | None:
    lines = (line for line in head.extensions if line.startswith(name))
    return next((line.removeprefix(name) for line in lines), None)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
