"""Compares what the database says of entries with what was logged."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import attrgetter
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
    there is none. columns: those of `LOGGED`. labels: each with its tenant."""

    entry: bytes
    personal: int | None
    salt: Any
    content: Any
    columns: Sequence[Any]
    labels: set[tuple[str, str]]


def compare(session: Session, start: int, width: int) -> Compared:
    """Compare `width` entries from place `start` on, a multiple of 256."""
    read = in_halves(partial(_read, session), start, start + width - 1)[0]
    rows, times = dict(read), Counter(place for place, _ in read)
    tiles = _tiles(session, start, width)
    findings: list[Finding] = []
    stripped: list[tuple[int, Logged]] = []
    for place, logged in enumerate(chain.from_iterable(tiles), start):
        found = rows.get(place)
        if found is None:
            findings.append(Finding(f"entry {place} is gone or cannot be read", place))
            continue
        if times[place] > 1:  # without the primary key, and one of them may even be right
            findings.append(Finding(f"entry {place} is there {times[place]} times", place))
        for what in _wrongs(found, logged):
            findings.append(Finding(f"entry {place} {what}", place, found.columns[0]))
        if found.personal is None:
            stripped.append((place, Logged(*found.columns)))
    findings += _losses(session, stripped)
    findings.sort(key=attrgetter("entry"))
    return Compared(findings, tiles, [tree_root(each) for each in tiles if len(each) == TILE_WIDTH])


def _wrongs(row: _Row, logged: bytes) -> list[str]:
    """What is wrong with an entry, as ends of a sentence."""
    wrongs = []
    try:
        event, actor = Logged.of(row.columns), None
        if leaf_hash(row.entry) != logged or not says(row.entry, event):
            wrongs.append("is not what was logged")
        if row.personal is not None:
            content = orjson.loads(row.content)
            if not opens(event.commitment, row.salt, content):
                wrongs.append("has another personal part than was logged")
            actor = content["actor"]
        found_by = events.labels(event.data, actor)
        if row.labels != {(label, event.tenant) for label in found_by}:
            wrongs.append("would not be found by what it says")
    except MALFORMED:
        return ["is not what was logged"]  # no event looks so
    return wrongs


def _losses(session: Session, stripped: Sequence[tuple[int, Logged]]) -> Iterator[Finding]:
    """Entries without a personal part, with their places, that no later event explains."""
    erasures = Erasures(session, {event.subject for _, event in stripped if event.subject})
    for place, event in stripped:
        if not erasures.explain(event.id, event.type, event.subject):
            message = f"entry {place} has lost its personal part, and no erasure was logged"
            yield Finding(message, place, event.id)


def _read(session: Session, first: int, last: int) -> list[tuple[int, _Row]]:
    """Rows and their places."""
    # A session takes as long again to hand on columns, and text as long again as binary.
    connection = session.connection().execution_options(binary=True)
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
        (place, _Row(entry, personal, salt, content, columns, labels[columns[0]]))
        for place, entry, personal, salt, content, *columns in connection.execute(query).all()
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
