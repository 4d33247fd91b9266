"""`signet audit`: read the log, prove its entries, check all of it, erase from it."""

import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError

from api import events
from api.audit import erasure, export, mirror, remote, search, tree
from api.audit.erasure import NothingToEraseError, NotScrubbedError
from api.audit.export import Format
from api.audit.last_head import LostHeadError
from api.audit.remote import RemoteError
from api.audit.tree import NotLoggedError
from api.cli import log_check, log_event, proof_check
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    Json,
    console,
    counted,
    errors,
    fail,
    local_service,
    print_json,
    print_table,
    progress,
)
from api.db import roles
from api.service import Service
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.proof_file import verify_entry

audit = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)

_ACTOR = "cli"
_LARGEST_HEAD = 64 * 1024
_Conditions = TypeVar("_Conditions", bound=search.Conditions)

EventId = Annotated[int, typer.Argument(help="The number of an event.", min=1)]


Subject = Annotated[str | None, typer.Option(help="Only of this video, key, consent, moderation.")]
Kind = Annotated[str | None, typer.Option("--type", help="Only such as video.sealed.")]
Actor = Annotated[str | None, typer.Option(help="Only by such as key:ID, worker:ID or cli.")]
Action = Annotated[str | None, typer.Option(help="Only decisions to allow, review or block.")]
Category = Annotated[str | None, typer.Option(help="Only decisions because of such as fraud.")]
Tenant = Annotated[str | None, typer.Option(help="Only this tenant's.")]
Since = Annotated[datetime | None, typer.Option(help="Only from this moment on.")]
Until = Annotated[datetime | None, typer.Option(help="Only before this moment.")]


@audit.command("list")
def list_events(
    subject: Subject = None,
    kind: Kind = None,
    actor: Actor = None,
    action: Action = None,
    category: Category = None,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.", min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List the newest events of the log."""
    wanted = _wanted(
        search.Filter,
        type=kind,
        subject=subject,
        actor=actor,
        action=action,
        category=category,
        since=_aware(since),
        until=_aware(until),
        limit=limit,
    )
    with local_service() as service, service.database.transaction() as session:
        found, more = search.page(session, wanted, tenant=tenant)
        rows = [_listed(row) for row in found]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("ID", "PLACE", "TIME", "TYPE", "ACTOR", "SUBJECT", "OUTCOME"),
            [[*[*row.values()][:6], _outcome(row["data"])] for row in rows],
        )
    if more:
        errors.print("older ones follow: ask with --until, or `signet audit export` them all")


@audit.command("show")
def show_event(
    event_id: EventId,
    entry: Annotated[
        Path | None,
        typer.Option(help="Write the bytes that were logged there: what a proof is checked with."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show an event with its personal part and its place, and whether that is proved under the
    newest signed head; exit code 1 if it is not."""
    with local_service() as service:
        _sequence(service)
        log_event.show(service, event_id, entry, as_json)


@audit.command("export")
def export_events(
    out: Annotated[Path, typer.Argument(help="The file to write; - is a pipe.", allow_dash=True)],
    form: Annotated[
        Format, typer.Option("--format", help="jsonl proves itself; csv and ocsf do not.")
    ] = Format.JSONL,
    subject: Subject = None,
    kind: Kind = None,
    actor: Actor = None,
    action: Action = None,
    category: Category = None,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write events to a file; `signet audit verify FILE` checks one in JSON Lines anywhere."""
    wanted = _wanted(
        search.Conditions,
        type=kind,
        subject=subject,
        actor=actor,
        action=action,
        category=category,
        since=_aware(since),
        until=_aware(until),
    )
    with local_service() as service:
        _sequence(service)
        key = service.log_signer.verifier_key
        try:
            lines = export.export(service.database, wanted, form, key, tenant=tenant)
        except NotLoggedError as error:
            fail(str(error), EXIT_NO)
        done, is_pipe = 0, str(out) == "-"
        opened = nullcontext(sys.stdout) if is_pipe else out.open("w", encoding="utf-8")
        try:
            with opened as file, progress("lines") as update:
                for done, line in enumerate(lines, start=1):
                    file.write(line)
                    update(done, None)
                file.flush()
        except BaseException:  # half an export could pass for the whole
            if not is_pipe and out.is_file():
                out.unlink()
            raise
    count = done - (form is not Format.OCSF)  # the others begin with a line of their own
    errors.print(f"{out}: {counted(count, 'event', 'events')}", markup=False, soft_wrap=True)


@audit.command()
def checkpoint(as_json: Json = False) -> None:
    """Print the newest signed head of the log; keep it, and nobody can rewrite what it covers."""
    with local_service() as service:
        _sequence(service)
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
    first: Annotated[
        bool,
        typer.Option(
            "--first", help="Under the first head that covers it, which says best when it was."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a file that proves, without this service, that an event is in the log: under the first
    head that a witness has cosigned and that covers it, else under the newest."""
    with local_service() as service:
        _sequence(service)
        with service.database.transaction() as session:
            try:
                content = tree.prove(
                    session, event_id, witnesses=service.settings.witness_keys, first=first
                )
                entry = tree.entry(session, event_id)
                verify_entry(entry, content, [service.log_signer.verifier_key])
            except (NotLoggedError, LedgerError) as error:
                fail(f"event {event_id} cannot be proved: {error}", EXIT_NO)
    out.write_bytes(content)
    if as_json:
        print_json({"event": event_id, "file": str(out)})
    else:
        console.print(f"{out}: event {event_id} is in the log", markup=False, soft_wrap=True)


@audit.command("mirror")
def mirror_log(
    folder: Annotated[Path, typer.Argument(help="To be made, or brought up to date.")],
    url: Annotated[
        str | None,
        typer.Option(
            help="Copy the log from there, such as https://signet.example/v1/audit, and check it "
            "on the way; needs no access but that, and --key."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="With --url: the log's verifier key, from when you trusted it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy the whole log, without what is personal, as a folder of C2SP tlog-tiles;
    `signet audit verify FOLDER` checks it anywhere."""
    known = log_check.log_key(key)
    if (url is None) != (known is None):
        fail("--url and --key go together", EXIT_BAD_INPUT)
    try:
        if url is not None and known is not None:
            with progress("files") as update:
                size = remote.fetch(url, folder, known, update)
        else:
            size = _mirror_here(folder)
    except (NotLoggedError, RemoteError) as error:
        fail(str(error), EXIT_NO)
    except LedgerError as error:
        fail(f"{folder}: {error}", EXIT_NO)
    except OSError as error:
        fail(f"{folder}: {error.strerror}", EXIT_BAD_INPUT)
    if as_json:
        print_json({"folder": str(folder), "entries": size})
    else:
        console.print(
            f"{folder}: {counted(size, 'entry', 'entries')}", markup=False, soft_wrap=True
        )


@audit.command()
def verify(
    copy: Annotated[
        Path | None,
        typer.Argument(
            help="An export in JSON Lines, a mirror's folder, or a .tlog-proof file with --entry; "
            "without one, this database."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="The log's verifier key, NAME+ID+KEY, from when you trusted it: `verifier_key` of "
            "/v1/audit/key, or the file verifier-key of a mirror."
        ),
    ] = None,
    head: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(
            help="A signed head that you kept, as `signet audit checkpoint` prints it: "
            "the log has to begin with what it covers."
        ),
    ] = None,
    entry: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(help="Of a .tlog-proof file: the bytes that were logged."),
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a .tlog-proof file: the key of a witness, NAME+ID+KEY, who must have "
            "cosigned its head; may be repeated."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every event, every hash and every signed head. Exit code 1 if any of it is not as it
    was logged; only --head finds that the newest entries were cut off everywhere."""
    kept = head.read(_LARGEST_HEAD) if head else None
    is_proof = copy is not None and proof_check.is_proof(copy)
    if (entry or witness) and not is_proof:
        fail("--entry and --witness go with a .tlog-proof file", EXIT_BAD_INPUT)
    if copy is None:
        log_check.check_database(key, kept, as_json)
    elif copy.is_dir():
        log_check.check_mirror(copy, key, kept, as_json)
    elif is_proof:
        proof_check.check_proof(copy, entry, key, witness or [], kept, as_json)
    else:
        log_check.check_export(copy, key, kept, as_json)


@audit.command()
def erase(
    subject: Annotated[str, typer.Argument(help="A video, key, consent or moderation.")],
    as_json: Json = False,
) -> None:
    """Erase prompts, reasons, names and actors of everything about a subject; proofs keep holding.
    A video that is not finished is cancelled, a consent revoked."""
    with local_service() as service:
        if not roles.owns_the_database(service.database):
            fail("only the database's owner can rewrite its files; use its URL", EXIT_BAD_INPUT)
        with service.database.writing() as session:
            try:
                count = erasure.erase(session, subject, actor=_ACTOR)
            except NothingToEraseError as error:
                fail(str(error), EXIT_BAD_INPUT)
        service.jobs.cancel(subject)  # of a video: nothing is left to render
        try:
            erasure.scrub(service.database)
        except NotScrubbedError as error:
            fail(f"erased, but its bytes are still in the files: {error}; try again", EXIT_NO)
    if as_json:
        print_json({"subject": subject, "events": count})
    else:
        console.print(f"{subject}: erased from {counted(count, 'event', 'events')}", markup=False)


def _listed(row: search.Row | search.Unreadable) -> dict[str, Any]:
    if isinstance(row, search.Unreadable):
        return {
            "id": row.event_id,
            "place": row.place,
            "time": None,
            "type": "(unreadable)",
            "actor": None,
            "subject": None,
            "data": None,
        }
    return {
        "id": row.event.id,
        "place": row.place,
        "time": row.event.occurred_at.isoformat(timespec="milliseconds"),
        "type": row.event.type,
        "actor": row.personal.content["actor"] if row.personal else "(erased)",
        "subject": row.event.subject,
        "data": row.event.data,
    }


def _outcome(data: Any) -> str | None:
    return events.outcome(data) if data else None


def _mirror_here(folder: Path) -> int:
    """Copy the log of this database; returns how many entries it has."""
    with local_service() as service, progress("files") as update:
        _sequence(service)
        with service.database.transaction() as session:
            return mirror.write(session, folder, service.log_signer.verifier_key, update)


def _sequence(service: Service) -> None:
    try:
        service.sequence_log()
    except (LedgerError, LostHeadError) as error:
        fail(str(error), EXIT_NO)


def _wanted(kind: type[_Conditions], **conditions: object) -> _Conditions:
    try:
        return kind.model_validate(conditions)
    except ValidationError as error:
        wrong = error.errors()[0]
        fail(f"{wrong['loc'][0]}: {wrong['msg']}", EXIT_BAD_INPUT)


def _aware(moment: datetime | None) -> datetime | None:
    """In the zone of this machine, where none was given."""
    try:
        return moment.astimezone() if moment else None
    except (OverflowError, ValueError):  # so early or late that it is refused anyway
        return moment
