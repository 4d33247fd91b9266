"""Gives events their places in the tree: the only writer of leaves, tiles and checkpoints.

Events are inserted without any lock, in the transactions of what they report. Every half second
one sequencer takes those that wait, appends them in the order of their ids, and signs the new head,
all in one transaction: a process that dies in it leaves nothing, and no checkpoint is ever seen
that was not committed. Any number of processes may try; a lock in the database lets one at a time.
"""

from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.audit import tree
from api.audit.entry import LOGGED, LoggedRow, entry_of
from api.audit.keeper import Keeper
from api.clock import now
from api.db.models import (
    AuditCheckpoint,
    AuditEvent,
    AuditLeaf,
    AuditPending,
    AuditTile,
    Base,
)
from api.db.session import Database
from provenance.ledger import tile_store
from provenance.ledger.checkpoint import Checkpoint, sign_checkpoint
from provenance.ledger.merkle import Frontier, leaf_hash
from provenance.ledger.note import NoteSigner
from provenance.ledger.tile_store import hash_reader

INTERVAL_SECONDS = 0.5
_BATCH = 4096
_LEAVES = Base.metadata.tables["audit_leaf"]
_INSERT_LEAVES = sa.insert(_LEAVES).returning(_LEAVES.c.index)  # else psycopg sends row by row
_LOCK = 0x5349474E4554  # "SIGNET": the advisory lock of whoever sequences


def keeper(database: Database, signer: NoteSigner) -> Keeper:
    """What sequences in the background of a process that holds the log's key."""
    duty = partial(sequence_all, database, signer)
    return Keeper("signet-sequencer", INTERVAL_SECONDS, duty)


def sequence_all(database: Database, signer: NoteSigner) -> None:
    """Append everything that waits."""
    while sequence(database, signer) == _BATCH:
        pass


def sequence(database: Database, signer: NoteSigner) -> int:
    """Append waiting events, up to 4,096, and sign the new head; returns how many.

    0 if none wait or if another sequencer is at it.
    """
    with database.writing() as session:
        if not _is_alone(session):
            return 0
        first = (
            sa.select(AuditPending.event_id)
            .order_by(AuditPending.event_id)
            .limit(_BATCH)
            .subquery()
        )
        events = session.execute(
            sa.select(*LOGGED)
            .join(first, first.c.event_id == AuditEvent.id)
            .order_by(AuditEvent.id)
        ).all()
        if events:
            _append(session, events, signer)
        return len(events)


def _is_alone(session: Session) -> bool:
    """Whether nobody else sequences until this transaction ends."""
    if session.get_bind().dialect.name == "sqlite":
        return True  # as everybody who writes there
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))))


def _append(session: Session, events: Sequence[LoggedRow], signer: NoteSigner) -> None:
    head = tree.newest_checkpoint(session)
    size = head.size if head else 0
    read = tree.tile_reader(session)
    entries = [entry_of(event) for event in events]
    hashes = [leaf_hash(entry) for entry in entries]
    root = Frontier.of_stored_tree(hash_reader(read, size), size).append(hashes).root
    for tile, content in tile_store.append(read, size, hashes).items():
        session.merge(AuditTile(level=tile.level, index=tile.index, hashes=content))
    session.connection().execute(
        _INSERT_LEAVES,
        [
            {"index": place, "event_id": event.id, "entry": entry}
            for place, (event, entry) in enumerate(zip(events, entries, strict=True), start=size)
        ],
    )
    placed = sa.select(AuditLeaf.event_id).where(AuditLeaf.index >= size)
    session.execute(sa.delete(AuditPending).where(AuditPending.event_id.in_(placed)))
    checkpoint = Checkpoint(signer.name, size + len(events), root)
    session.add(
        AuditCheckpoint(
            size=checkpoint.size, note=sign_checkpoint(checkpoint, signer), created_at=now()
        )
    )
