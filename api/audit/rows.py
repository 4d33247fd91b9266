"""Compares what the database says of entries with what was logged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.audit.absence import Erasures
from api.audit.entry import LOGGED, says
from api.audit.finding import Finding
from api.audit.reading import MALFORMED, hold_the_same, in_halves
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal, AuditTile
from api.db.session import Database
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import HASH_SIZE, leaf_hash
from provenance.ledger.tiles import TILE_WIDTH

AT_ONCE = 16 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Compared:
    """Entries from place `start` on: what is wrong with them, and their leaf hashes as the tiles
    hold them, None where there is none."""

    start: int
    findings: list[Finding]
    hashes: list[bytes | None]


@dataclass(frozen=True, slots=True)
class _Row:
    """All that the database says of an entry. labels: each with its tenant. personal: the event of
    the personal part, None if there is none."""

    entry: bytes
    personal: int | None
    salt: Any
    content: Any
    labels: set[tuple[str, str]]
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
    rows = dict(in_halves(partial(_read, session), start, start + width - 1)[0])
    stripped = [row.subject for row in rows.values() if row.personal is None and row.subject]
    erasures = Erasures(session, stripped)
    hashes = _hashes(session, start, width)
    findings: list[Finding] = []
    for place, logged in enumerate(hashes, start):
        found = rows.get(place)
        if found is None:
            findings.append(Finding(f"entry {place} is gone or cannot be read", place))
        else:
            wrongs = _wrongs(found, logged)
            is_missing = found.personal is None
            if is_missing and not erasures.explain(found.id, found.type, found.subject):
                wrongs.append("has lost its personal part, and no erasure was logged")
            findings += [Finding(f"entry {place} {what}", place, found.id) for what in wrongs]
    return Compared(start, findings, hashes)


def compare_alone(url: str, snapshot: str | None, start: int, width: int) -> Compared:
    """The same in a process of its own, on the database at `url`."""
    with _database(url).transaction() as session:
        hold_the_same(session, snapshot)
        return compare(session, start, width)


_database = cache(Database)


def _wrongs(row: _Row, logged: bytes | None) -> list[str]:
    """What is wrong with an entry, as ends of a sentence."""
    try:
        actor = None if row.personal is None else row.content["actor"]
        found_by = events.labels(row.data, actor)
        right = {
            "is not what was logged": leaf_hash(row.entry) == logged and says(row.entry, row),
            "has another personal part than was logged": row.personal is None
            or opens(row.commitment, row.salt, row.content),
            "would not be found by what it says": row.labels
            == {(label, row.tenant) for label in found_by},
        }
    except MALFORMED:
        return ["is not what was logged"]  # no event looks so
    return [what for what, is_right in right.items() if not is_right]


def _read(session: Session, first: int, last: int) -> list[tuple[int, _Row]]:
    """Rows and their places; columns instead of objects, which take most of the time for
    themselves."""
    within = AuditLeaf.index.between(first, last)
    labels: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for event_id, label, tenant in session.execute(
        sa.select(AuditLabel.event_id, AuditLabel.label, AuditLabel.tenant)
        .join(AuditLeaf, AuditLeaf.event_id == AuditLabel.event_id)
        .where(within)
    ):
        labels[event_id].add((label, tenant))
    rows = session.execute(
        sa.select(
            AuditLeaf.index,
            AuditLeaf.entry,
            AuditPersonal.event_id,
            AuditPersonal.salt,
            AuditPersonal.content,
            *LOGGED,
        )
        .join(AuditEvent, AuditEvent.id == AuditLeaf.event_id)
        .outerjoin(AuditPersonal, AuditPersonal.event_id == AuditEvent.id)
        .where(within)
    )
    return [
        (place, _Row(entry, personal, salt, content, labels[event_id], event_id, *event))
        for place, entry, personal, salt, content, event_id, *event in rows
    ]


def _hashes(session: Session, start: int, width: int) -> list[bytes | None]:
    """Of so many entries, as the lowest tiles have them."""
    end = start + width
    tiles = tiles_between(session, 0, start // TILE_WIDTH, (end - 1) // TILE_WIDTH)
    return [
        tiles.get(place // TILE_WIDTH, b"")[at : at + HASH_SIZE] or None
        for place in range(start, end)
        for at in [place % TILE_WIDTH * HASH_SIZE]
    ]


def tiles_between(session: Session, level: int, first: int, last: int) -> dict[int, bytes]:
    """The tiles of a level by their indexes, without those that cannot be read."""

    def read(first: int, last: int) -> list[tuple[int, bytes]]:
        query = sa.select(AuditTile.index, AuditTile.hashes).where(
            AuditTile.level == level, AuditTile.index.between(first, last)
        )
        return [(index, hashes) for index, hashes in session.execute(query)]

    return dict(in_halves(read, first, last)[0])
