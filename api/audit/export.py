"""Writes events for other programs: JSON Lines that prove themselves, CSV, and OCSF.

The JSON Lines start with a signed head of the log; every other line holds the logged bytes of one
event, its place, and its inclusion proof (RFC 9162 section 2.1.3), which is all that
`export_check` needs.
"""

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from api.audit import ocsf, search, tree
from api.audit.tree import NotLoggedError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.proofs import inclusion_proof
from provenance.ledger.tile_store import hash_reader

KIND = "signet.audit-export"
_COLUMNS = ("id", "time", "type", "version", "tenant", "subject", "actor", "data", "place")


class Format(StrEnum):
    """What an export looks like."""

    JSONL = "jsonl"
    CSV = "csv"
    OCSF = "ocsf"


MEDIA_TYPES = {
    Format.JSONL: "application/jsonl",
    Format.CSV: "text/csv; charset=utf-8",
    Format.OCSF: "application/jsonl",
}


def export(
    session: Session,
    wanted: search.Conditions,
    form: Format,
    key: VerifierKey,
    *,
    tenant: str | None = None,
) -> Iterator[str]:
    """The lines of an export of all matching events under the newest signed head.

    key: the log's, to be written down. Raises NotLoggedError where nothing was logged yet.
    """
    head = tree.newest_checkpoint(session)
    if head is None:
        raise NotLoggedError("nothing was logged yet")
    size, note = head.size, head.note
    rows = (
        row
        for row in search.every(session, wanted, tenant=tenant)
        if row.leaf is not None and row.leaf.index < size
    )
    match form:
        case Format.JSONL:
            return _jsonl(session, rows, size, note, key)
        case Format.CSV:
            return _csv(rows)
        case Format.OCSF:
            return (_line(ocsf.event(row)) for row in rows)


def _jsonl(
    session: Session, rows: Iterator[search.Row], size: int, note: bytes, key: VerifierKey
) -> Iterator[str]:
    yield _line({"kind": KIND, "checkpoint": note.decode(), "verifier_key": str(key)})
    read = hash_reader(tree.tile_reader(session), size)
    for row in rows:
        personal, leaf = row.personal, row.leaf
        assert leaf is not None
        place = leaf.index
        yield _line(
            {
                "place": place,
                "entry": leaf.entry.decode(),
                "proof": [_base64(each) for each in inclusion_proof(read, place, size)],
                "personal": personal
                and {"salt": _base64(personal.salt), "content": personal.content},
            }
        )


def _csv(rows: Iterator[search.Row]) -> Iterator[str]:
    yield _row(_COLUMNS)
    for row in rows:
        event = row.event
        yield _row(
            (
                event.id,
                event.occurred_at.isoformat(),
                event.type,
                event.version,
                event.tenant,
                event.subject,
                row.personal.content["actor"] if row.personal else None,
                json.dumps(event.data),
                row.place,
            )
        )


def _row(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
