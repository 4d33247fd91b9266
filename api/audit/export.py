"""Writes events for other programs: JSON Lines that prove themselves, CSV, and OCSF.

The JSON Lines start with a signed head of the log; every other line holds the logged bytes of one
event, its place, and its inclusion proof (RFC 9162 section 2.1.3). `verify` needs nothing else.
"""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any

from api.audit import ocsf, search, tree
from api.audit.tree import NotLoggedError
from api.db.session import Database
from provenance.ledger.checkpoint import open_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import HashReader, leaf_hash
from provenance.ledger.proofs import inclusion_proof, verify_inclusion
from provenance.ledger.tile_store import hash_reader

_KIND = "signet.audit-export"
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


class ExportError(ValueError):
    """A file is no export."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `verify` found. size: entries of the log that the export is of. proved: how many of
    them it holds. problems: sentences."""

    size: int
    proved: int
    key: VerifierKey
    problems: tuple[str, ...] = field(default=())


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


def verify(
    lines: Iterable[str], key: VerifierKey | None, on_progress: Callable[[int, int], None]
) -> ExportReport:
    """Check every event of an export in JSON Lines against its signed head.

    key: the log's, as the verifier knows it; None believes the file's own. on_progress: called
    with places passed, and in all. Raises ExportError for what is no export, and LedgerError
    where its head is not signed with the key.
    """
    remaining = iter(lines)
    header = _object(next(remaining, ""), 1)
    if header.get("kind") != _KIND:
        raise ExportError("the file does not start as an export of the audit log does")
    key = key or VerifierKey.parse(str(header.get("verifier_key")))
    head, _ = open_checkpoint(str(header.get("checkpoint")).encode(errors="replace"), [key])
    problems: list[str] = []
    proved, newest = 0, -1
    for number, line in enumerate(remaining, start=2):
        problem, place = _check(_object(line, number), head.size, head.root)
        if problem is None and place <= newest:
            problem = f"entry {place} comes after entry {newest}"
        if problem:
            problems.append(f"line {number}: {problem}")
            continue
        newest, proved = place, proved + 1
        on_progress(place + 1, head.size)
    return ExportReport(head.size, proved, key, tuple(problems))


def _head(form: Format, note: bytes, key: VerifierKey) -> list[str]:
    match form:
        case Format.JSONL:
            return [_line({"kind": _KIND, "checkpoint": note.decode(), "verifier_key": str(key)})]
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


def _proved(row: search.Row, read: HashReader, size: int) -> str:
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


def _check(line: dict[str, Any], size: int, root: bytes) -> tuple[str | None, int]:
    """What is wrong with a line, if anything, and its place."""
    try:
        place, entry = int(line["place"]), str(line["entry"])
        proof = [base64.b64decode(each, validate=True) for each in line["proof"]]
        verify_inclusion(leaf_hash(entry.encode()), place, size, proof, root)
        if personal := line["personal"]:
            committed = bytes.fromhex(json.loads(entry)["personal"])
            salt = base64.b64decode(personal["salt"], validate=True)
            if not opens(committed, salt, personal["content"]):
                return f"the personal part of entry {place} was changed", place
    except LedgerError as error:
        return f"it was not logged so: {error}", -1
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        return f"it is malformed: {error}", -1
    return None, place


def _cells(row: search.Row) -> str:
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


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"line {number} is not JSON") from error
    if not isinstance(value, dict):
        raise ExportError(f"line {number} is not a JSON object")
    return value


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
