"""What `signet audit show` does: an event, what the log holds of it, and whether that is proved."""

import json
from pathlib import Path
from typing import Any

import typer
from sqlalchemy.orm import Session

from api.audit import search, tree
from api.audit.entry import says
from api.audit.reading import MALFORMED
from api.audit.search import Row
from api.audit.tree import NotLoggedError
from api.cli.output import EXIT_NO, fail, print_json, print_table
from api.service import Service
from provenance.ledger.keys import VerifierKey
from provenance.ledger.leaf import opens
from provenance.ledger.proof_file import verify_entry


def show(service: Service, event_id: int, entry: Path | None, as_json: bool) -> None:
    """Print an event of any tenant. entry: where to put the bytes that were logged. Exits with 1
    for an event that is not there, or that cannot be proved as it is."""
    with service.database.transaction() as session:
        row = search.find(session, event_id)
        if row is None:
            fail(f"there is no event {event_id}", EXIT_NO)
        head = tree.newest_checkpoint(session)
        problem = _problem(session, row, service.log_signer.verifier_key)
    if entry is not None and row.leaf is not None:
        entry.write_bytes(row.leaf.entry)
    shown = {
        "id": row.event.id,
        "place": row.place,
        "entries": head.size if head else 0,
        "proved": problem is None,
        "problem": problem,
        "time": row.event.occurred_at.isoformat(),
        "type": row.event.type,
        "version": row.event.version,
        "tenant": row.event.tenant,
        "subject": row.event.subject,
        "data": row.event.data,
        "personal": row.personal.content if row.personal else None,
    }
    if as_json:
        print_json(shown)
    else:
        print_table(("WHAT", "VALUE"), [(name, _cell(value)) for name, value in shown.items()])
    if problem:
        raise typer.Exit(EXIT_NO)


def _problem(session: Session, row: Row, key: VerifierKey) -> str | None:
    """Why an event is not proved under the newest signed head, if so."""
    event, leaf, personal = row.event, row.leaf, row.personal
    try:
        if leaf is None:
            return "it has no place in the log yet"
        verify_entry(leaf.entry, tree.prove(session, event.id), [key])
        if not says(leaf.entry, event):
            return "it is not what was logged"
        if personal and not opens(event.commitment, personal.salt, dict(personal.content)):
            return "it has another personal part than was logged"
    except (NotLoggedError, *MALFORMED) as error:  # a LedgerError among them
        return str(error)
    return None


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) else value
