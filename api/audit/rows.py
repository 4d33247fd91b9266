"""Compares what the database says of entries with what was logged."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.audit.absence import Erasures
from api.audit.entry import LOGGED, Logged, says
from api.audit.finding import Finding
from api.audit.reading import MALFORMED, in_halves
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal, AuditTile
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import HASH_SIZE, leaf_hash, tree_root
from provenance.ledger.tiles import TILE_WIDTH

AT_ONCE = 16 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Compared:
    """A part of the log: what is wrong with its entries, its lowest tiles, and the roots of those
    tiles that are full. Zeros stand for hashes that no tile holds."""

    findings: list[Finding]
    tiles: list[list[bytes]]
    roots: list[bytes]


class _Row(NamedTuple):
    """All that the database says of an entry. personal: the event of the personal part, None if
    there is none. labels: each with its tenant. event: its data not decoded yet."""

    entry: bytes
    personal: int | None
    salt: Any
    content: Any
    labels: set[tuple[str, str]]
    event: Logged


def compare(session: Session, start: int, width: int) -> Compared:
    """Compare `width` entries from place `start` on, a multiple of 256."""
    rows = dict(in_halves(partial(_read, session), start, start + width - 1)[0])
    stripped = [
        row.event.subject for row in rows.values() if row.personal is None and row.event.subject
    ]
    erasures = Erasures(session, stripped)
    tiles = _tiles(session, start, width)
    findings: list[Finding] = []
    for place, logged in enumerate(chain.from_iterable(tiles), start):
        found = rows.get(place)
        if found is None:
            findings.append(Finding(f"entry {place} is gone or cannot be read", place))
        else:
            wrongs = _wrongs(found, logged)
            event = found.event
            is_missing = found.personal is None
            if is_missing and not erasures.explain(event.id, event.type, event.subject):
                wrongs.append("has lost its personal part, and no erasure was logged")
            findings += [Finding(f"entry {place} {what}", place, event.id) for what in wrongs]
    return Compared(findings, tiles, [tree_root(each) for each in tiles if len(each) == TILE_WIDTH])


def _wrongs(row: _Row, logged: bytes) -> list[str]:
    """What is wrong with an entry, as ends of a sentence."""
    try:
        event = row.event.decoded()
        content = None if row.personal is None else orjson.loads(row.content)
        found_by = events.labels(event.data, None if content is None else content["actor"])
        right = {
            "is not what was logged": leaf_hash(row.entry) == logged and says(row.entry, event),
            "has another personal part than was logged": row.personal is None
            or opens(event.commitment, row.salt, content),
            "would not be found by what it says": row.labels
            == {(label, event.tenant) for label in found_by},
        }
    except MALFORMED:
        return ["is not what was logged"]  # no event looks so
    return [what for what, is_right in right.items() if not is_right]


def _read(session: Session, first: int, last: int) -> list[tuple[int, _Row]]:
    """Rows and their places."""
    connection = session.connection()  # a session takes as long again to hand on columns
    within = AuditLeaf.index.between(first, last)
    ids = sa.select(sa.func.min(AuditLeaf.event_id), sa.func.max(AuditLeaf.event_id)).where(within)
    # PostgreSQL reads three tables along their keys then, instead of looking up each row.
    lowest, highest = connection.execute(ids).one()
    found_by = (
        sa.select(AuditLabel.event_id, AuditLabel.label, AuditLabel.tenant)
        .join(AuditLeaf, AuditLeaf.event_id == AuditLabel.event_id)
        .where(within, AuditLabel.event_id.between(lowest, highest))
    )
    labels: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for event_id, label, tenant in connection.execute(found_by).all():  # at once: many times faster
        labels[event_id].add((label, tenant))
    query = (
        sa.select(
            AuditLeaf.index,
            AuditLeaf.entry,
            AuditPersonal.event_id,
            AuditPersonal.salt,
            sa.cast(AuditPersonal.content, sa.Text),
            *LOGGED,
        )
        .join(AuditEvent, AuditEvent.id == AuditLeaf.event_id)
        .outerjoin(
            AuditPersonal,
            (AuditPersonal.event_id == AuditEvent.id)
            & AuditPersonal.event_id.between(lowest, highest),
        )
        .where(within, AuditEvent.id.between(lowest, highest))
    )
    return [
        (place, _Row(entry, personal, salt, content, labels[event_id], Logged(event_id, *event)))
        for place, entry, personal, salt, content, event_id, *event in connection.execute(
            query
        ).all()
    ]


def _tiles(session: Session, start: int, width: int) -> list[list[bytes]]:
    """The lowest tiles of so many entries."""
    first, last = start // TILE_WIDTH, (start + width - 1) // TILE_WIDTH
    there = tiles_between(session, 0, first, last)
    tiles = []
    for index in range(first, last + 1):
        size = min(TILE_WIDTH, start + width - index * TILE_WIDTH) * HASH_SIZE
        tile = there.get(index, b"").ljust(size, b"\0")
        tiles.append([tile[at : at + HASH_SIZE] for at in range(0, size, HASH_SIZE)])
    return tiles


def tiles_between(session: Session, level: int, first: int, last: int) -> dict[int, bytes]:
    """The tiles of a level by their indexes, without those that cannot be read."""

    def read(first: int, last: int) -> list[tuple[int, bytes]]:
        query = sa.select(AuditTile.index, AuditTile.hashes).where(
            AuditTile.level == level, AuditTile.index.between(first, last)
        )
        return [(index, hashes) for index, hashes in session.execute(query)]

    return dict(in_halves(read, first, last)[0])
