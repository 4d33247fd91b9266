"""Rows of the log's tables that belong to nothing that was logged."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit.finding import Finding
from api.db.models import (
    AuditCheckpoint,
    AuditCosignature,
    AuditEvent,
    AuditLabel,
    AuditLeaf,
    AuditPending,
    AuditPersonal,
    AuditTile,
)
from provenance.ledger.merkle import HASH_SIZE
from provenance.ledger.tiles import TILE_HEIGHT, TILE_WIDTH


def find(session: Session, size: int) -> Iterator[Finding]:
    """Everything that has no place under a head of `size` entries and does not wait for one."""
    yield from _unplaced(session)
    yield from _outside(session, size)
    yield from _tiles(session, size)
    for table, what in ((AuditPersonal, "a personal part"), (AuditLabel, "a label")):
        for event_id in _orphans(session, table.event_id, AuditEvent.id):
            yield Finding(f"{what} is there of event {event_id}, which is not", event_id=event_id)
    for of in _orphans(session, AuditCosignature.size, AuditCheckpoint.size):
        yield Finding(f"a cosignature is there of the checkpoint of size {of}, which is not")


def _number(session: Session, column: sa.orm.InstrumentedAttribute[int]) -> sa.ColumnElement[Any]:
    """What a column of numbers holds, None if it is something else, which SQLite may have stored
    and which may not even be readable."""
    if session.get_bind().dialect.name != "sqlite":
        return sa.type_coerce(column, sa.BigInteger)
    return sa.case((sa.func.typeof(column) == "integer", column), else_=None)


def _unplaced(session: Session) -> Iterator[Finding]:
    unplaced = session.scalars(
        sa.select(AuditEvent.id)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .outerjoin(AuditPending, AuditPending.event_id == AuditEvent.id)
        .where(AuditLeaf.event_id.is_(None), AuditPending.event_id.is_(None))
        .order_by(AuditEvent.id)
    )
    for each in unplaced:
        yield Finding(f"event {each} was put into the log behind its back", event_id=each)


def _outside(session: Session, size: int) -> Iterator[Finding]:
    outside = session.execute(
        sa.select(AuditLeaf.index, AuditLeaf.event_id)
        .where(sa.or_(AuditLeaf.index < 0, AuditLeaf.index >= size))
        .order_by(AuditLeaf.index)
    )
    for place, event_id in outside:
        where = "before the first" if place < 0 else "beyond the signed head"
        yield Finding(f"entry {place} lies {where}", place, event_id)


def _tiles(session: Session, size: int) -> Iterator[Finding]:
    """Tiles that no log of this size has, and what lies behind the end of others."""
    found = session.execute(
        sa.select(
            _number(session, AuditTile.level),
            _number(session, AuditTile.index),
            sa.func.length(AuditTile.hashes),
        ).order_by(AuditTile.level, AuditTile.index)
    )
    for level, index, length in found:
        wanted = _width(level, index, size) * HASH_SIZE
        if not wanted:
            yield Finding(f"tile {index} of level {level} lies outside the log")
        elif length != wanted:
            yield Finding(f"tile {index} of level {level} has {length} bytes instead of {wanted}")


def _width(level: object, index: object, size: int) -> int:
    """How many hashes a tile of the log has, 0 if the log has no such tile."""
    if not (isinstance(level, int) and isinstance(index, int) and level >= 0 and index >= 0):
        return 0
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH))


def _orphans(
    session: Session,
    child: sa.orm.InstrumentedAttribute[int],
    parent: sa.orm.InstrumentedAttribute[int],
) -> list[int | None]:
    """Values of a column that are none of its parent's; None stands for what is no number."""
    number = _number(session, child)
    query = sa.select(number).outerjoin(parent.class_, parent == child).where(parent.is_(None))
    return list(session.scalars(query.distinct().order_by(number)))
