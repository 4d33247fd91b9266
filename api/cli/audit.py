"""`signet audit`: read the log, prove its entries, check all of it, erase from it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from api.audit import check, erasure, search, tree
from api.audit.erasure import NothingToEraseError
from api.audit.sequencer import sequence_all
from api.audit.tree import NotLoggedError
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    Json,
    console,
    errors,
    fail,
    local_service,
    print_json,
    print_table,
)
from provenance.ledger.checkpoint import Checkpoint

audit = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)

_ACTOR = "cli"

EventId = Annotated[int, typer.Argument(help="The number of an event.", min=1)]


@audit.command("list")
def list_events(
    subject: Annotated[str | None, typer.Option(help="Only of this video, key or moderation.")] = (
        None
    ),
    kind: Annotated[str | None, typer.Option("--type", help="Only such as video.sealed.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only from this moment on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before this moment.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.", min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List the newest events of the log."""
    wanted = search.Filter(
        type=kind,
        subject=subject,
        since=since.astimezone() if since else None,
        until=until.astimezone() if until else None,
        limit=limit,
    )
    with local_service() as service, service.database.transaction() as session:
        rows = [
            {
                "id": row.event.id,
                "time": row.event.occurred_at.isoformat(timespec="milliseconds"),
                "type": row.event.type,
                "actor": (row.personal or {}).get("actor", "(erased)"),
                "subject": row.event.subject,
                "place": row.place,
                "data": row.event.data,
            }
            for row in search.page(session, wanted)[0]
        ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("ID", "TIME", "TYPE", "ACTOR", "SUBJECT"), [[*row.values()][:5] for row in rows]
        )


@audit.command()
def checkpoint(as_json: Json = False) -> None:
    """Print the newest signed head of the log; keep it, and nobody can rewrite what it covers."""
    with local_service() as service:
        sequence_all(service.database, service.log_signer)
        with service.database.transaction() as session:
            head = tree.newest_checkpoint(session)
        key = str(service.log_signer.verifier_key)
    if head is None:
        fail("nothing was logged yet", EXIT_NO)
    if as_json:
        parsed = Checkpoint.parse_signed(head.note)
        print_json(
            {
                "origin": parsed.origin,
                "size": parsed.size,
                "root": parsed.root.hex(),
                "verifier_key": key,
                "note": head.note.decode(),
            }
        )
    else:
        console.out(head.note.decode(), end="", highlight=False)


@audit.command()
def prove(
    event_id: EventId,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write the .tlog-proof file.")],
    as_json: Json = False,
) -> None:
    """Write a file that proves, without this service, that an event is in the log."""
    with local_service() as service:
        sequence_all(service.database, service.log_signer)
        with service.database.transaction() as session:
            try:
                content = tree.prove(session, event_id)
            except NotLoggedError as error:
                fail(str(error), EXIT_NO)
    out.write_bytes(content)
    if as_json:
        print_json({"event": event_id, "file": str(out)})
    else:
        console.print(f"{out}: event {event_id} is in the log", markup=False, soft_wrap=True)


@audit.command()
def verify(as_json: Json = False) -> None:
    """Check the whole log: every event, every hash, every signed head. Exit code 1 if any of it
    is not as it was logged."""
    with local_service() as service, Progress(console=errors, transient=True) as bar:
        task = bar.add_task("entries", total=None)
        with service.database.transaction() as session:
            report = check.check(
                session,
                service.log_signer.verifier_key,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    if as_json:
        print_json(
            {
                "intact": report.intact,
                "entries": report.size,
                "checkpoints": report.checkpoints,
                "waiting": report.waiting,
                "findings": [
                    {"message": each.message, "entry": each.entry, "event": each.event_id}
                    for each in report.findings
                ],
            }
        )
    else:
        for finding in report.findings:
            console.print(finding.message, markup=False, soft_wrap=True)
        verdict = "intact" if report.intact else f"BROKEN ({len(report.findings)} findings)"
        console.print(
            f"{verdict}: {report.size:,} entries under {report.checkpoints:,} signed heads, "
            f"{report.waiting:,} waiting",
            markup=False,
            soft_wrap=True,
        )
    raise typer.Exit(0 if report.intact else EXIT_NO)


@audit.command()
def erase(
    subject: Annotated[str, typer.Argument(help="A video, key or moderation.")],
    as_json: Json = False,
) -> None:
    """Erase prompts, reasons and actors of everything about a subject; proofs keep holding."""
    with local_service() as service:
        with service.database.transaction() as session:
            try:
                count = erasure.erase(session, subject, actor=_ACTOR)
            except NothingToEraseError as error:
                fail(str(error), EXIT_BAD_INPUT)
        erasure.scrub(service.database)
    if as_json:
        print_json({"subject": subject, "events": count})
    else:
        console.print(f"{subject}: erased from {count} events", markup=False)
