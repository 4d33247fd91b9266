"""The log's tree as the database holds it: checkpoints, tiles, entries and proofs.

Nothing here commits; the caller owns the transaction.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.db.models import AuditCheckpoint, AuditCosignature, AuditEvent, AuditLeaf, AuditTile
from provenance.ledger.bundles import encode_bundle
from provenance.ledger.merkle import HASH_SIZE
from provenance.ledger.proof_file import ProofFile
from provenance.ledger.proofs import consistency_proof, inclusion_proof
from provenance.ledger.tile_store import TileReader, hash_reader
from provenance.ledger.tiles import TILE_WIDTH, Tile

_MOST_TILES = 2**63 // TILE_WIDTH  # places of entries are 64-bit numbers in the database


class NotLoggedError(LookupError):
    """There is no such entry, tile or checkpoint (yet)."""


def newest_checkpoint(session: Session) -> AuditCheckpoint | None:
    """The signed head of the tree, or None before the first event is in it."""
    return session.scalar(sa.select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(1))


def first_checkpoint(
    session: Session, size: int, *, cosigned_by: Sequence[str] | None = None
) -> AuditCheckpoint | None:
    """The first signed head of `size` entries or more; None if there is none yet. cosigned_by: of
    those that any of these witnesses has signed, by their keys."""
    query = sa.select(AuditCheckpoint).where(AuditCheckpoint.size >= size)
    if cosigned_by is not None:
        cosigned = sa.select(AuditCosignature.size).where(AuditCosignature.witness.in_(cosigned_by))
        query = query.where(AuditCheckpoint.size.in_(cosigned))
    return session.scalar(query.order_by(AuditCheckpoint.size).limit(1))


def cosigned_checkpoint(session: Session, witnesses: Sequence[str]) -> bytes | None:
    """The newest head that any of these witnesses has signed, with their signatures; None if there
    is none. witnesses: their keys."""
    newest = sa.select(sa.func.max(AuditCosignature.size)).where(
        AuditCosignature.witness.in_(witnesses)
    )
    head = session.scalar(
        sa.select(AuditCheckpoint).where(AuditCheckpoint.size == newest.scalar_subquery())
    )
    return _cosigned(session, head, witnesses) if head else None


def _cosigned(session: Session, head: AuditCheckpoint, witnesses: Sequence[str]) -> bytes:
    """A head with the signatures that these witnesses gave it, if any."""
    theirs = (AuditCosignature.size == head.size) & AuditCosignature.witness.in_(witnesses)
    lines = sa.select(AuditCosignature.line).where(theirs).order_by(AuditCosignature.witness)
    return head.note + b"".join(session.scalars(lines))


def read_tile(session: Session, path: str) -> bytes:
    """The contents of a tile or entry bundle. Raises NotLoggedError, and FormatError for a path
    that no tile has."""
    tile = Tile.parse(path)
    if tile.index >= _MOST_TILES:
        raise NotLoggedError(f"{path} is beyond every log")
    if tile.level == "entries":
        bundle = _entries(session, tile.index * TILE_WIDTH, tile.width)
        if len(bundle) < tile.width:
            raise NotLoggedError(f"{path} is not in the log yet")
        return encode_bundle(bundle)
    stored = session.get(AuditTile, (tile.level, tile.index))
    length = tile.width * HASH_SIZE
    if stored is None or len(stored.hashes) < length:
        raise NotLoggedError(f"{path} is not in the log yet")
    return stored.hashes[:length]


def tile_reader(session: Session) -> TileReader:
    """`read_tile` as the ledger's functions want it."""
    return lambda path: read_tile(session, path)


def _entries(session: Session, start: int, count: int) -> Sequence[bytes]:
    """Entries by their places in the tree, from `start`; fewer at the end of the log."""
    return session.scalars(
        sa.select(AuditLeaf.entry)
        .where(AuditLeaf.index >= start, AuditLeaf.index < start + count)
        .order_by(AuditLeaf.index)
    ).all()


def entry(session: Session, event_id: int) -> bytes:
    """What was logged of an event. Raises NotLoggedError."""
    logged = session.scalar(sa.select(AuditLeaf.entry).where(AuditLeaf.event_id == event_id))
    if logged is None:
        raise NotLoggedError(f"event {event_id} is not in the log yet")
    return logged


def place_of(session: Session, event_id: int) -> int | None:
    """The place of an event in the tree, from 0; None until the sequencer has given it one."""
    return session.scalar(sa.select(AuditLeaf.index).where(AuditLeaf.event_id == event_id))


def is_logged(session: Session, event_type: str, subject: str) -> bool:
    """Whether the subject's event of this type has its place in the tree."""
    query = (
        sa.select(AuditLeaf.index)
        .join(AuditEvent, AuditEvent.id == AuditLeaf.event_id)
        .where(AuditEvent.subject == subject, AuditEvent.type == event_type)
    )
    return session.scalar(query) is not None


def prove(
    session: Session, event_id: int, *, witnesses: Sequence[str] = (), first: bool = False
) -> bytes:
    """The `.tlog-proof` file of an event, under the first head that covers it and that any of these
    witnesses has cosigned, else under the newest; with their signatures.

    witnesses: their keys. first: under the first head that covers it at all, which says best when
    it was logged. Raises NotLoggedError.
    """
    place = place_of(session, event_id)
    head = None
    if place is not None:
        head = first_checkpoint(session, place + 1, cosigned_by=None if first else witnesses)
        head = head or newest_checkpoint(session)
    if place is None or head is None or head.size <= place:
        raise NotLoggedError(f"event {event_id} is not in the log yet")
    proof = inclusion_proof(hash_reader(tile_reader(session), head.size), place, head.size)
    return ProofFile(place, tuple(proof), _cosigned(session, head, witnesses)).encode()


def prove_growth(session: Session, old_size: int, new_size: int) -> list[bytes]:
    """The consistency proof between two sizes, up to the newest checkpoint's.

    Raises NotLoggedError, and ProofError unless 0 <= old_size <= new_size.
    """
    head = newest_checkpoint(session)
    if head is None or new_size > head.size:
        raise NotLoggedError(f"the log has no {new_size} entries yet")
    return consistency_proof(hash_reader(tile_reader(session), new_size), old_size, new_size)
