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
from itertools import chain
from typing import Any

from api.audit import ocsf, search, tree
from api.audit.tree import NotLoggedError
from api.db.session import Database
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import HashReader
from provenance.ledger.proofs import inclusion_proof
from provenance.ledger.tile_store import hash_reader

KIND = "signet.audit-export"
_PLACES_AT_ONCE = 1024
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
    database: Database,
    wanted: search.Conditions,
    form: Format,
    key: VerifierKey,
    *,
    tenant: str | None = None,
) -> Iterator[str]:
    """The lines of an export of all matching events under the newest signed head.

    key: the log's, to be written down. No transaction stays open between lines, so a reader may
    take its time. Raises NotLoggedError where nothing was logged yet.
    """
    with database.transaction() as session:
        head = tree.newest_checkpoint(session)
    if head is None:
        raise NotLoggedError("nothing was logged yet")
    return chain(_head(form, head.note, key), _events(database, wanted, form, head.size, tenant))


def _head(form: Format, note: bytes, key: VerifierKey) -> list[str]:
    match form:
        case Format.JSONL:
            return [_line({"kind": KIND, "checkpoint": note.decode(), "verifier_key": str(key)})]
        case Format.CSV:
            return [_row(_COLUMNS)]
        case Format.OCSF:
            return []


def _events(
    database: Database, wanted: search.Conditions, form: Format, size: int, tenant: str | None
) -> Iterator[str]:
    for start in range(0, size, _PLACES_AT_ONCE):
        places = range(start, min(start + _PLACES_AT_ONCE, size))
        with database.transaction() as session:
            rows = search.placed(session, wanted, places, tenant=tenant)
            match form:
                case Format.JSONL:
                    read = hash_reader(tree.tile_reader(session), size)
                    lines = [_proved(row, read, size) for row in rows]
                case Format.CSV:
                    lines = [_cells(row) for row in rows]
                case Format.OCSF:
                    lines = [_line(ocsf.event(row)) for row in rows]
        yield from lines


def _proved(row: search.Row | search.Unreadable, read: HashReader, size: int) -> str:
    if isinstance(row, search.Unreadable):  # which is malformed to whoever checks the file
        return _line({"place": row.place, "event": row.event_id, "unreadable": True})
    personal, leaf = row.personal, row.leaf
    assert leaf is not None
    proof = inclusion_proof(read, leaf.index, size)
    return _line(
        {
            "place": leaf.index,
            "entry": leaf.entry.decode(),
            "proof": [_base64(each) for each in proof],
            "personal": personal and {"salt": _base64(personal.salt), "content": personal.content},
        }
    )


def _cells(row: search.Row | search.Unreadable) -> str:
    if isinstance(row, search.Unreadable):
        return _row((row.event_id, "", "unreadable", "", "", "", "", "", row.place))
    event = row.event
    return _row(
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
