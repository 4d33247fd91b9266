"""Checks the whole log: every event against its leaf, every hash, every signed head.

What was tampered with is found even if everything but the signing key was recomputed; it is then
located between two signed heads, and to the entry otherwise. A tail that was cut off everywhere is
found by whoever kept a head.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit import heads, parts, queue, rows, spans, strangers, visibility
from api.audit.finding import Finding
from api.audit.reading import hold
from api.audit.rows import Compared
from api.db.models import AuditPending
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import Frontier, tree_root
from provenance.ledger.tiles import TILE_WIDTH


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


def check(
    session: Session,
    key: VerifierKey,
    on_progress: Callable[[int, int], None],
    kept: Sequence[Checkpoint] = (),
) -> LogReport:
    """Check everything, as it is at one moment; the session must not have read before.

    on_progress: called with entries done, and in all. kept: heads of this log that somebody kept,
    which have to be beginnings of it.
    """
    snapshot = hold(session)
    signed, findings = heads.check(session, key)
    size = max(signed, default=0)
    for lost in sorted({head.size for head in kept if head.size > size}):
        message = f"entries {size} to {lost - 1}, which the kept head covers, are gone"
        findings.append(Finding(message, size))
    claims = sorted([*signed.values(), *kept], key=lambda head: head.size)
    with parts.compared(session, snapshot, size) as compared:
        apart = [
            *strangers.find(session, size),
            *spans.check(session),
            *visibility.check(session),
            *queue.set_aside(session),
            *heads.check_cosignatures(session),
        ]
        findings += _check_entries(session, compared, claims, kept, on_progress)
    findings += apart
    return LogReport(
        size=size,
        waiting=session.scalar(sa.select(sa.func.count()).select_from(AuditPending)) or 0,
        checkpoints=len(signed),
        findings=tuple(findings),
    )


def _check_entries(
    session: Session,
    compared: Iterable[Compared],
    claims: list[Checkpoint],
    kept: Sequence[Checkpoint],
    on_progress: Callable[[int, int], None],
) -> list[Finding]:
    """Compare the entries with their rows and with all heads, which are in order."""
    findings: list[Finding] = []
    are_kept = set(map(id, kept))  # one may say the same as a head in the database
    size = max((head.size for head in claims if id(head) not in are_kept), default=0)
    roots: list[bytes] = []
    full, end, proved = Frontier(), 0, 0
    ahead = deque(claims)
    for part in compared:
        findings += part.findings
        for tile, root in zip_longest(part.tiles, part.roots):
            start, end = end, end + len(tile)
            partial = Frontier()
            while ahead and ahead[0].size <= end:
                head = ahead.popleft()
                partial = partial.append(tile[partial.size : head.size - start])
                fits = head.root == Frontier(head.size, full.subtrees + partial.subtrees).root
                is_kept = id(head) in are_kept
                if is_kept and not fits:
                    message = f"the first {head.size} entries do not lead to the head that was kept"
                    findings.append(Finding(message, 0))
                elif not fits:
                    message = (
                        f"entries {proved} to {head.size - 1} do not lead to their signed head"
                    )
                    findings.append(Finding(message, proved))
                    # The rest is built upon it; whatever else is wrong there shows in its entries.
                    ahead.clear()
                elif not is_kept:
                    proved = head.size
            if root:
                full = full.append([root])
        roots += part.roots
        on_progress(end, size)
    return findings + _check_upper_tiles(session, roots)


def _check_upper_tiles(session: Session, hashes: list[bytes]) -> list[Finding]:
    """Compare the tiles above the leaves with what the full tiles below them lead to."""
    findings, level = [], 1
    while hashes:
        full = []
        last = (len(hashes) - 1) // TILE_WIDTH
        tiles = rows.tiles_between(session, level, 0, last)
        for index in range(last + 1):
            row = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
            # What follows them in the tile, `strangers` finds.
            if not tiles.get(index, b"").startswith(b"".join(row)):
                findings.append(Finding(f"tile {index} of level {level} does not fit its leaves"))
            if len(row) == TILE_WIDTH:
                full.append(tree_root(row))
        hashes, level = full, level + 1
    return findings
