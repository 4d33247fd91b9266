"""Gives events their places in the tree: the only writer of leaves, tiles and checkpoints.

Events are inserted without any lock, in the transactions of what they report. Every half second
one sequencer takes those that wait, appends them in the order of their ids, and signs the new head,
all in one transaction: a process that dies in it leaves nothing, and no checkpoint is ever seen
that was not committed. Any number of processes may try; a lock in the database lets one at a time.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit import heads, queue, spans, tree
from api.audit.keeper import Keeper
from api.audit.last_head import LastHead
from api.audit.queue import Waiting
from api.clock import now
from api.db import bulk
from api.db.models import AuditCheckpoint, AuditLeaf, AuditPending, AuditTile, Base
from api.db.session import Database
from provenance.ledger import tile_store
from provenance.ledger.checkpoint import open_checkpoint
from provenance.ledger.errors import ProofError
from provenance.ledger.merkle import Frontier, leaf_hash
from provenance.ledger.note import NoteSigner
from provenance.ledger.tile_store import hash_reader

INTERVAL_SECONDS = 0.5
_BATCH = 4096
_LEAVES = Base.metadata.tables["audit_leaf"]
_LOCK = 0x5349474E4554  # "SIGNET": the advisory lock of whoever sequences
_FROZEN_AFTER_SECONDS = 20.0
"""Its transactions take less than one; a process that needs so long was stopped in it."""

_END_FROZEN = sa.text(
    """SELECT pg_terminate_backend(pid, 1000) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND database = datid
    AND classid::bigint << 32 | objid::bigint = :lock
    AND xact_start < clock_timestamp() - make_interval(secs => :seconds)"""
)
"""Ends who holds the log's lock for too long. PostgreSQL does so by itself where a process stands
still between two statements, but not within one that it is still sending rows for."""


def keeper(sequence_all: Callable[[], None]) -> Keeper:
    """What sequences in the background of a process that holds the log's key."""
    return Keeper("signet-sequencer", INTERVAL_SECONDS, sequence_all)


def sequence_all(database: Database, signer: NoteSigner, last: LastHead | None = None) -> None:
    """Append everything that waits."""
    while sequence(database, signer, last) == _BATCH:
        pass


def sequence(database: Database, signer: NoteSigner, last: LastHead | None = None) -> int:
    """Append waiting events, up to 4,096, and sign the new head; returns how many.

    last: where this host keeps it, None if nowhere. 0 if none wait or if another sequencer is at
    it. Raises LedgerError, and signs nothing, where the tree is not the one that was signed last in
    the database, and LostHeadError where it is not the one that was signed last on this host.
    """
    with database.writing() as session:
        if not _is_alone(session):
            return 0
        waiting = queue.take(session, _BATCH)
        head = _append(session, waiting, signer, last) if waiting else None
    if head is not None and last is not None:
        last.keep(head.note)
    return len(waiting)


def _is_alone(session: Session) -> bool:
    """Whether nobody else sequences until this transaction ends."""
    if session.get_bind().dialect.name == "sqlite":
        return True  # as everybody who writes there
    alone = bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))))
    if not alone:
        session.execute(_END_FROZEN, {"lock": _LOCK, "seconds": _FROZEN_AFTER_SECONDS})
    return alone


def _append(
    session: Session, waiting: Sequence[Waiting], signer: NoteSigner, last: LastHead | None
) -> AuditCheckpoint:
    tree_so_far = _signed_tree(session, signer)
    if last is not None:  # not earlier: whoever owns the database can change it up to here
        last.require(session, tree_so_far.size, tree_so_far.root)
    size, read = tree_so_far.size, tree.tile_reader(session)
    hashes = [leaf_hash(each.entry) for each in waiting]
    for tile, content in tile_store.append(read, size, hashes).items():
        session.merge(AuditTile(level=tile.level, index=tile.index, hashes=content))
    connection = session.connection()
    leaves = [(place, each.event_id, each.entry) for place, each in enumerate(waiting, start=size)]
    bulk.insert(connection, _LEAVES, leaves)
    spans.widen(session, [(each.event_id, each.at) for each in waiting])
    placed = sa.select(AuditLeaf.event_id).where(AuditLeaf.index >= size)
    connection.execute(sa.delete(AuditPending).where(AuditPending.event_id.in_(placed)))
    grown = tree_so_far.append(hashes)
    head = heads.sign(signer, grown.size, grown.root, previous=size, at=now())
    session.add(head)
    return head


def _signed_tree(session: Session, signer: NoteSigner) -> Frontier:
    """What the newest head was signed for; whatever is signed next must be its continuation."""
    head = tree.newest_checkpoint(session)
    if head is None:
        return Frontier()
    signed, _ = open_checkpoint(head.note, [signer.verifier_key])
    found = Frontier.of_stored_tree(hash_reader(tree.tile_reader(session), head.size), head.size)
    if found.root != signed.root:
        raise ProofError("the tiles do not lead to the newest signed head")
    return found
