"""Checks the whole log: every event against its leaf, every hash, every signed head.

What was tampered with is found even if everything but the signing key was recomputed; it is then
located between two signed heads, and to the entry otherwise.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api import events
from api.audit import tree
from api.audit.entry import LOGGED, says
from api.db.models import (
    AuditCheckpoint,
    AuditEvent,
    AuditLabel,
    AuditLeaf,
    AuditPending,
    AuditPersonal,
    AuditTile,
)
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import HASH_SIZE, Frontier, leaf_hash, tree_root
from provenance.ledger.tiles import TILE_WIDTH

_ROWS_AT_ONCE = 16 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was logged. entry: its place in the log, if it has one."""

    message: str
    entry: int | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class LogReport:
    """What a check found. size: entries under the newest signed head. waiting: events that have
    no place yet."""

    size: int
    waiting: int
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        return not self.findings


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


def check(session: Session, key: VerifierKey, on_progress: Callable[[int, int], None]) -> LogReport:
    """Check everything in one transaction. on_progress: called with entries done, and in all."""
    heads, findings = _heads(session, key)
    size = max(heads, default=0)
    findings += _check_entries(session, heads, size, on_progress)
    findings += _strangers(session)
    return LogReport(
        size=size,
        waiting=session.scalar(sa.select(sa.func.count()).select_from(AuditPending)) or 0,
        checkpoints=len(heads),
        findings=tuple(findings),
    )


def _heads(session: Session, key: VerifierKey) -> tuple[dict[int, Checkpoint], list[Finding]]:
    heads, findings = {}, []
    for row in session.scalars(sa.select(AuditCheckpoint).order_by(AuditCheckpoint.size)):
        try:
            checkpoint, _ = open_checkpoint(row.note, [key])
        except LedgerError as error:
            findings.append(Finding(f"the checkpoint of size {row.size} is false: {error}"))
            continue
        if checkpoint.size != row.size:
            findings.append(Finding(f"the checkpoint of size {row.size} says {checkpoint.size}"))
            continue
        heads[row.size] = checkpoint
    return heads, findings


def _check_entries(
    session: Session,
    heads: dict[int, Checkpoint],
    size: int,
    on_progress: Callable[[int, int], None],
) -> list[Finding]:
    findings: list[Finding] = []
    tree_so_far, proved = Frontier(), 0
    full_tiles: list[bytes] = []
    sizes = sorted(heads)
    rows: dict[int, _Row] = {}
    tiles: dict[int, bytes] = {}
    for start in range(0, size, TILE_WIDTH):
        if start % _ROWS_AT_ONCE == 0:
            rows = _rows(session, start, min(_ROWS_AT_ONCE, size - start))
            tiles = _tiles(session, start, _ROWS_AT_ONCE)
        width = min(TILE_WIDTH, size - start)
        stored = _hashes(tiles.get(start, b""), width)
        for place in range(start, start + width):
            row, logged = rows.get(place), stored[place - start]
            if row is None:
                findings.append(Finding(f"entry {place} is gone or cannot be read", place))
            else:
                findings += [
                    Finding(f"entry {place} {what}", place, row.id) for what in _wrongs(row, logged)
                ]
        hashes = [each or bytes(HASH_SIZE) for each in stored]
        signed = sizes[bisect_right(sizes, start) : bisect_right(sizes, start + width)]
        for end in signed:
            tree_so_far = tree_so_far.append(hashes[tree_so_far.size - start : end - start])
            if heads[end].root != tree_so_far.root:
                message = f"entries {proved} to {end - 1} do not lead to their signed head"
                # The rest is built upon it; whatever else is wrong there shows in its entries.
                return [*findings, Finding(message, proved)]
            proved = end
        tree_so_far = tree_so_far.append(hashes[tree_so_far.size - start :])
        if width == TILE_WIDTH:
            full_tiles.append(tree_root(hashes))
        on_progress(start + width, size)
    return findings + _check_upper_tiles(session, full_tiles)


def _check_upper_tiles(session: Session, hashes: list[bytes]) -> list[Finding]:
    """Compare the tiles above the leaves with what the full tiles below them lead to."""
    findings, level = [], 1
    while hashes:
        full = []
        for index in range(-(-len(hashes) // TILE_WIDTH)):
            row = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
            tile = session.get(AuditTile, (level, index))
            if tile is None or tile.hashes != b"".join(row):
                findings.append(Finding(f"tile {index} of level {level} does not fit its leaves"))
            if len(row) == TILE_WIDTH:
                full.append(tree_root(row))
        hashes, level = full, level + 1
    return findings


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


def _strangers(session: Session) -> list[Finding]:
    """Events that neither have a place nor wait for one, and places beyond the newest head."""
    unplaced = session.scalars(
        sa.select(AuditEvent.id)
        .outerjoin(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
        .outerjoin(AuditPending, AuditPending.event_id == AuditEvent.id)
        .where(AuditLeaf.index.is_(None), AuditPending.event_id.is_(None))
        .order_by(AuditEvent.id)
    )
    findings = [
        Finding(f"event {each} was put into the log behind its back", event_id=each)
        for each in unplaced
    ]
    head = tree.newest_checkpoint(session)
    beyond = session.execute(
        sa.select(AuditLeaf.index, AuditLeaf.event_id).where(
            AuditLeaf.index >= (head.size if head else 0)
        )
    )
    findings += [
        Finding(f"entry {place} lies beyond the signed head", place, event_id)
        for place, event_id in beyond
    ]
    return findings


def _tiles(session: Session, start: int, width: int) -> dict[int, bytes]:
    """The lowest tiles, by the places of their first entries."""
    found = session.execute(
        sa.select(AuditTile.index, AuditTile.hashes).where(
            AuditTile.level == 0,
            AuditTile.index.between(start // TILE_WIDTH, (start + width) // TILE_WIDTH - 1),
        )
    )
    return {index * TILE_WIDTH: hashes for index, hashes in found}


def _hashes(tile: bytes, width: int) -> list[bytes | None]:
    return [tile[i : i + HASH_SIZE] or None for i in range(0, width * HASH_SIZE, HASH_SIZE)]
