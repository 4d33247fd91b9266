"""What `signet audit verify` does: checks the log, or a copy of it, and reports."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import typer

from api import events
from api.audit import absence, check, export_check, heads, mirror
from api.audit.export_check import ExportError, ExportReport
from api.audit.finding import Finding
from api.audit.last_head import LostHeadError
from api.audit.mirror import MirrorReport
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    console,
    counted,
    fail,
    local_service,
    print_json,
    progress,
)
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.errors import FormatError, LedgerError
from provenance.ledger.keys import VerifierKey


def check_export(file: Path, key: str | None, kept: bytes | None, as_json: bool) -> NoReturn:
    """Check an export in JSON Lines, say what was found, and exit. kept: a signed head, as it was
    printed."""
    known = log_key(key)
    try:
        with file.open(encoding="utf-8") as opened, progress("events") as update:
            lines = export_check.lines_of(opened)
            report = export_check.verify(lines, known, update, kept)
    except OSError as error:
        fail(f"{file}: {error.strerror}", EXIT_BAD_INPUT)
    except (UnicodeDecodeError, ExportError, FormatError) as error:
        fail(f"{file}: {error}", EXIT_BAD_INPUT)
    except LedgerError as error:
        fail(f"{file}: {error}", EXIT_NO)
    missing = report.size - report.proved
    left_out = f"; the other {missing:,} are not in this file, which says nothing of them"
    tell(
        f"{report.proved:,} of the log's {counted(report.size, 'entry', 'entries')} proved, "
        f"{report.impersonal:,} without their personal part{left_out if missing else ''}"
        f"{_trust(known, report)}",
        {
            "entries": report.size,
            "proved": report.proved,
            "complete": not missing,
            "without_personal_part": report.impersonal,
            "verifier_key": str(report.key),
            **_reached(kept, report.size),
        },
        report.problems,
        as_json,
    )


def check_mirror(folder: Path, key: str | None, kept: bytes | None, as_json: bool) -> NoReturn:
    """Check a folder of tiles, say what was found, and exit. kept: as for `check_export`."""
    known = log_key(key)
    try:
        with progress("entries") as update:
            report = mirror.verify(folder, known, update, kept)
    except OSError as error:
        fail(f"{folder} is no mirror of a log: {error.strerror}", EXIT_BAD_INPUT)
    except (UnicodeDecodeError, FormatError) as error:
        fail(f"{folder}: {error}", EXIT_BAD_INPUT)
    except LedgerError as error:
        fail(f"{folder}: {error}", EXIT_NO)
    tell(
        f"{counted(report.size, 'entry', 'entries')}{_trust(known, report)}",
        {"entries": report.size, "verifier_key": str(report.key), **_reached(kept, report.size)},
        report.problems,
        as_json,
    )


def log_key(text: str | None) -> VerifierKey | None:
    """The log's key that was given with --key, if any."""
    try:
        return VerifierKey.parse(text) if text else None
    except FormatError as error:
        fail(
            f"--key: {error}; the log's key is `verifier_key` of /v1/audit/key and of `signet "
            "audit checkpoint --json`, and the file verifier-key of a mirror",
            EXIT_BAD_INPUT,
        )


def _reached(kept: bytes | None, size: int) -> dict[str, object]:
    """Whether there are as many entries as a head that was kept covers: if not, this may be just
    an older copy."""
    if kept is None:
        return {}
    return {"reaches_kept_head": Checkpoint.parse_signed(kept).size <= size}


def _trust(known: VerifierKey | None, report: ExportReport | MirrorReport) -> str:
    return "" if known else f"; believing its own key {report.key}"


def tell(
    sentence: str, figures: dict[str, object], problems: Sequence[str], as_json: bool
) -> NoReturn:
    """Print what was found of a copy, and exit with 1 if there are problems."""
    if as_json:
        print_json({"intact": not problems, **figures, "problems": problems})
    else:
        for problem in problems:
            console.print(problem, markup=False, soft_wrap=True)
        count = counted(len(problems), "problem", "problems")
        verdict = f"BROKEN ({count})" if problems else "intact"
        console.print(f"{verdict}: {sentence}", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_NO if problems else 0)


def check_database(trusted: str | None, kept: bytes | None, as_json: bool) -> NoReturn:
    """Check the log of this database, say what was found, and exit. trusted: the verifier key that
    must have signed it, instead of the one that is in use. kept: as for `check_export`; the log has
    to continue what was signed last on this host, too."""
    with local_service() as service, progress("entries") as update:
        try:
            key = log_key(trusted) or service.log_signer.verifier_key
            beginnings = [] if kept is None else [heads.open_kept(kept, key)]
        except LedgerError as error:
            fail(str(error), EXIT_BAD_INPUT if isinstance(error, FormatError) else EXIT_NO)
        lost: list[Finding] = []
        try:
            last = service.last_head(key).read()  # first: the log goes on
            beginnings += [last] if last else []
        except LostHeadError as error:
            lost.append(Finding(str(error)))
        with service.database.transaction() as session:
            an_erasure_waits = absence.waits(session)
        if an_erasure_waits:  # it explains nothing before it has its place
            with suppress(LedgerError, LostHeadError):  # which the check names
                service.sequence_log()
        with service.database.transaction() as session:
            report = check.check(session, key, update, beginnings)
        report = replace(report, findings=(*lost, *report.findings))
        with service.database.transaction() as session:
            checked = events.LogChecked(entries=report.size, findings=len(report.findings))
            events.append(session, checked, tenant=events.PUBLIC, actor="cli")
    if as_json:
        print_json(
            {
                "intact": report.intact,
                "entries": report.size,
                "checkpoints": report.checkpoints,
                "waiting": report.waiting,
                "compared_with_kept_head": bool(beginnings),
                **_reached(kept, report.size),
                "findings": [
                    {"message": each.message, "entry": each.entry, "event": each.event_id}
                    for each in report.findings
                ],
            }
        )
    else:
        for finding in report.findings:
            event = "" if finding.event_id is None else f" (event {finding.event_id})"
            console.print(f"{finding.message}{event}", markup=False, soft_wrap=True)
        count = counted(len(report.findings), "finding", "findings")
        verdict = "intact" if report.intact else f"BROKEN ({count})"
        entries = counted(report.size, "entry", "entries")
        signed = counted(report.checkpoints, "signed head", "signed heads")
        console.print(
            f"{verdict}: {entries} under {signed}, {report.waiting:,} waiting"
            f"{'' if beginnings else '; no kept head to compare with'}",
            markup=False,
            soft_wrap=True,
        )
    raise typer.Exit(0 if report.intact else EXIT_NO)
