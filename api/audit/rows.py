"""Compares what the database says of entries with what was logged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.audit.entry import LOGGED, says
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal, AuditTile
from api.db.session import Database
from provenance.ledger.errors import LedgerError
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import HASH_SIZE, leaf_hash
from provenance.ledger.tiles import TILE_WIDTH

AT_ONCE = 16 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was logged. entry: its place in the log, if it has one."""

    message: str
    entry: int | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Entries from place `start` on: what is wrong with them, and their leaf hashes as the tiles
    hold them, None where there is none."""

    start: int
    findings: list[Finding]
    hashes: list[bytes | None]


@dataclass(frozen=True, slots=True)
class _Row:
    """All that the database says of an entry."""

    entry: bytes
    salt: bytes | None
    content: dict[str, Any] | None
    labels: set[str]
    id: int
    occurred_at: datetime
    type: str
    version: int
    tenant: str
    subject: str | None
    data: dict[str, Any]
    commitment: bytes


def compare(session: Session, start: int, width: int) -> Compared:
    """Compare `width` entries from place `start` on, a multiple of 256."""
    rows, tiles = _rows(session, start, width), _tiles(session, start, width)
    hashes: list[bytes | None] = []
    for first in range(start, start + width, TILE_WIDTH):
        hashes += _hashes(tiles.get(first, b""), min(TILE_WIDTH, start + width - first))
    findings: list[Finding] = []
    for place, logged in enumerate(hashes, start):
        found = rows.get(place)
        if found is None:
            findings.append(Finding(f"entry {place} is gone or cannot be read", place))
        else:
            findings += [
                Finding(f"entry {place} {what}", place, found.id) for what in _wrongs(found, logged)
            ]
    return Compared(start, findings, hashes)


def compare_alone(url: str, start: int, width: int) -> Compared:
    """The same in a process of its own, on the database at `url`."""
    with _database(url).transaction() as session:
        return compare(session, start, width)


_database = cache(Database)


def _wrongs(row: _Row, logged: bytes | None) -> list[str]:
    """What is wrong with an entry, as ends of a sentence."""
    try:
        actor = row.content["actor"] if row.content else None
        right = {
            "is not what was logged": leaf_hash(row.entry) == logged and says(row.entry, row),
            "has another personal part than was logged": row.salt is None
            or opens(row.commitment, row.salt, row.content),
            "would not be found by what it says": set(events.labels(row.data, actor)) == row.labels,
        }
    except (AttributeError, KeyError, TypeError, ValueError, LedgerError):
        return ["is not what was logged"]  # no event looks so
    return [what for what, is_right in right.items() if not is_right]


def _rows(session: Session, start: int, width: int) -> dict[int, _Row]:
    """By their places; without those that cannot be read."""
    try:
        return _read(session, start, width)
    except (TypeError, ValueError):  # SQLite stores anything in any column
        if width == 1:
            return {}
        half = width // 2
        return _rows(session, start, half) | _rows(session, start + half, width - half)


def _read(session: Session, start: int, width: int) -> dict[int, _Row]:
    """By their places; columns instead of objects, which take most of the time for themselves."""
    within = AuditLeaf.index.between(start, start + width - 1)
    labels: dict[int, set[str]] = defaultdict(set)
    for event_id, label in session.execute(
        sa.select(AuditLabel.event_id, AuditLabel.label)
        .join(AuditLeaf, AuditLeaf.event_id == AuditLabel.event_id)
        .where(within)
    ):
        labels[event_id].add(label)
    rows = session.execute(
        sa.select(
            AuditLeaf.index,
            AuditLeaf.entry,
            AuditPersonal.salt,
            AuditPersonal.content,
            *LOGGED,
        )
        .join(AuditEvent, AuditEvent.id == AuditLeaf.event_id)
        .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
        .where(within)
    )
    return {
        place: _Row(entry, salt, content, labels[event_id], event_id, *event)
        for place, entry, salt, content, event_id, *event in rows
    }


def _tiles(session: Session, start: int, width: int) -> dict[int, bytes]:
    """The lowest tiles, by the places of their first entries."""
    found = session.execute(
        sa.select(AuditTile.index, AuditTile.hashes).where(
            AuditTile.level == 0,
            AuditTile.index.between(start // TILE_WIDTH, (start + width - 1) // TILE_WIDTH),
        )
    )
    return {index * TILE_WIDTH: hashes for index, hashes in found}


def _hashes(tile: bytes, width: int) -> list[bytes | None]:
    return [tile[i : i + HASH_SIZE] or None for i in range(0, width * HASH_SIZE, HASH_SIZE)]
