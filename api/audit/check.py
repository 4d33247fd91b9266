"""Checks the whole log: every event against its leaf, every hash, every signed head.

What was tampered with is found even if everything but the signing key was recomputed; it is then
located between two signed heads, and to the entry otherwise.
"""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit import rows, tree
from api.audit.rows import Compared, Finding
from api.db.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditPending, AuditTile
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import HASH_SIZE, Frontier, tree_root
from provenance.ledger.tiles import TILE_WIDTH

_WORTH_PROCESSES = 100_000
"""Entries above which processes of their own read the rows, one for each core."""
_PARTS_AHEAD = 64


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
    for part in _compared(session, size):
        findings += part.findings
        hashes = [each or bytes(HASH_SIZE) for each in part.hashes]
        end = part.start + len(hashes)
        for signed in sizes[bisect_right(sizes, part.start) : bisect_right(sizes, end)]:
            added = hashes[tree_so_far.size - part.start : signed - part.start]
            tree_so_far = tree_so_far.append(added)
            if heads[signed].root != tree_so_far.root:
                message = f"entries {proved} to {signed - 1} do not lead to their signed head"
                # The rest is built upon it; whatever else is wrong there shows in its entries.
                return [*findings, Finding(message, proved)]
            proved = signed
        tree_so_far = tree_so_far.append(hashes[tree_so_far.size - part.start :])
        tiles = (hashes[first : first + TILE_WIDTH] for first in range(0, len(hashes), TILE_WIDTH))
        full_tiles += [tree_root(tile) for tile in tiles if len(tile) == TILE_WIDTH]
        on_progress(end, size)
    return findings + _check_upper_tiles(session, full_tiles)


def _compared(session: Session, size: int) -> Iterator[Compared]:
    """All entries, in order and in parts."""
    starts = range(0, size, rows.AT_ONCE)
    widths = [min(rows.AT_ONCE, size - start) for start in starts]
    if size < _WORTH_PROCESSES:
        yield from map(rows.compare, repeat(session), starts, widths)
        return
    url = session.connection().engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for first in range(0, len(starts), _PARTS_AHEAD):  # whoever reads may be slower
            ahead = slice(first, first + _PARTS_AHEAD)
            for part in pool.map(rows.compare_alone, repeat(url), starts[ahead], widths[ahead]):
                session.execute(sa.select(1))  # or PostgreSQL ends a transaction that idles
                yield part


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
