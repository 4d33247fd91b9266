"""Compares what the database says of entries with what was logged."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit.absence import Erasures
from api.audit.entry import LOGGED, Logged, is_row_of, is_written_so
from api.audit.finding import Finding
from api.audit.reading import MALFORMED, event_ids, in_halves
from api.db.models import AuditEvent, AuditLabel, AuditLeaf, AuditPersonal, AuditTile
from api.event_labels import labels_of
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import HASH_SIZE, leaf_hash, tree_root
from provenance.ledger.tiles import TILE_WIDTH

AT_ONCE = 16 * TILE_WIDTH
_DATA = Logged._fields.index("data")


@dataclass(frozen=True, slots=True)
class Compared:
    """A part of the log: what is wrong with its entries, its lowest tiles, and the roots of those
    tiles that are full. Zeros stand for hashes that no tile holds."""

    findings: list[Finding]
    tiles: list[list[bytes]]
    roots: list[bytes]


_FoundBy = tuple[int, str, str, str]
"""The number of an event, a label that it is found by, its tenant, and its type."""


class _Row(NamedTuple):
    """All that the database says of an entry but its labels. personal: the event of the personal
    part, None if there is none. columns: those of `LOGGED`."""

    place: int
    entry: bytes
    personal: int | None
    salt: Any
    content: Any
    columns: Sequence[Any]


def compare(session: Session, start: int, width: int) -> Compared:
    """Compare `width` entries from place `start` on, a multiple of 256."""
    last = start + width - 1
    read = in_halves(partial(_read, session), start, last)[0]
    rows = [*chain.from_iterable(part for part, _ in read)]
    labels = [*chain.from_iterable(part for _, part in read)]
    tiles = _tiles(session, start, width)
    logged = dict(enumerate(chain.from_iterable(tiles), start))
    there = {row.place for row in rows}
    findings = [
        Finding(f"entry {place} is gone or cannot be read", place)
        for place in logged
        if place not in there
    ]
    if len(there) < len(rows):  # without the primary key, and one of them may even be right
        times = Counter(row.place for row in rows).items()
        findings += [Finding(f"entry {at} is there {n} times", at) for at, n in times if n > 1]
    expected: set[_FoundBy] = set()
    for row in rows:
        wrongs, names = _examine(row, logged[row.place])
        expected.update(names)
        for what in wrongs:
            findings.append(Finding(f"entry {row.place} {what}", row.place, row.columns[0]))
    findings += _losses(session, [row for row in rows if row.personal is None])
    found_by = set(labels)
    if len(found_by) < len(labels):  # likewise
        twice = {label for label, count in Counter(labels).items() if count > 1}
        expected -= twice
    findings += _mislabelled(rows, expected ^ found_by)
    findings.sort(key=attrgetter("entry"))
    return Compared(findings, tiles, [tree_root(each) for each in tiles if len(each) == TILE_WIDTH])


def _examine(row: _Row, logged: bytes) -> tuple[list[str], list[_FoundBy]]:
    """What is wrong with an entry, as ends of a sentence, and what its event is found by."""
    wrongs = []
    try:
        event, actor = Logged.of(row.columns), None
        if leaf_hash(row.entry) != logged or not is_row_of(row.entry, event, row.columns[_DATA]):
            wrongs.append("is not what was logged")
        if row.personal is not None:
            content = orjson.loads(row.content)
            opened = opens(event.commitment, row.salt, content)
            if not opened or not is_written_so(row.content, content):
                wrongs.append("has another personal part than was logged")
            actor = content["actor"]
        labels = labels_of(event.data, actor)
        return wrongs, [(event.id, label, event.tenant, event.type) for label in labels]
    except MALFORMED:
        return ["is not what was logged"], []  # no event looks so


def _losses(session: Session, stripped: Sequence[_Row]) -> Iterator[Finding]:
    """Entries without a personal part that no later event explains."""
    events_of = [(row.place, Logged(*row.columns)) for row in stripped]
    erasures = Erasures(session, {event.subject for _, event in events_of if event.subject})
    for place, event in events_of:
        if not erasures.explain(event.id, event.type, event.subject):
            message = f"entry {place} has lost its personal part, and no erasure was logged"
            yield Finding(message, place, event.id)


def _mislabelled(rows: Sequence[_Row], differing: set[_FoundBy]) -> Iterator[Finding]:
    """Entries one of whose labels is there or is expected, but not both, or is there twice."""
    apart = {event_id for event_id, *_ in differing}
    for row in rows if apart else ():
        if row.columns[0] in apart:
            message = f"entry {row.place} would not be found by what it says"
            yield Finding(message, row.place, row.columns[0])


def _read(session: Session, first: int, last: int) -> list[tuple[list[_Row], list[_FoundBy]]]:
    """The rows between two places, and what their events are found by."""
    # A session takes as long again to hand on columns, and text as long again as binary.
    connection = session.connection().execution_options(binary=True)
    within = AuditLeaf.index.between(first, last)
    lowest, highest = connection.execute(event_ids(within)).one()
    # PostgreSQL reads three tables along their keys then, instead of looking up each row.
    labels = (
        sa.select(AuditLabel.event_id, AuditLabel.label, AuditLabel.tenant, AuditLabel.type)
        .join(AuditLeaf, AuditLeaf.event_id == AuditLabel.event_id)
        .where(within, AuditLabel.event_id.between(lowest, highest))
    )
    rows = (
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
    # All at once is many times faster than one by one.
    found_by: list[_FoundBy] = [
        (event, label, tenant, kind)
        for event, label, tenant, kind in connection.execute(labels).all()
    ]
    return [([_Row(*row[:5], row[5:]) for row in connection.execute(rows).all()], found_by)]


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
