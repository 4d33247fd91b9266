"""`signet verify` and `signet credentials`: what a file says about itself."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api import keyring
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    Json,
    console,
    fail,
    local_service,
    print_json,
    progress,
)
from api.settings import Settings
from provenance.credentials import read
from provenance.media import MediaError
from provenance.phrases import Language
from provenance.report import jsonable
from provenance.verify import Report

credentials = typer.Typer(
    help="The C2PA manifest alone.", no_args_is_help=True, rich_markup_mode=None
)

_STYLES = {"authentic": "green", "unknown": "yellow", "unreadable": "yellow"}

File = Annotated[Path, typer.Argument(help="A video file.", exists=True, dir_okay=False)]


def verify(
    files: Annotated[list[Path], typer.Argument(help="Video files.", exists=True, dir_okay=False)],
    as_json: Json = False,
    lang: Annotated[Language, typer.Option(help="Of the sentences.")] = "en",
) -> None:
    """Say where videos come from and what was done to them.

    Exits with 0 if every file has a known origin, altered or not; with 1 if one is `unknown` or
    `unreadable`; with 2 for a file beyond a limit (SIGNET_VERIFY_MAX_…) or of a kind that is not
    examined.

    \b
    Example:  signet verify clip.mp4 copy.webm

    With --json, answers a list: for each file its name and the report, as `POST /v1/verify` gives
    it.
    """
    reports: list[tuple[Path, Report]] = []
    with local_service() as service, progress("examining") as on_file:
        for number, file in enumerate(files):
            on_file(number, len(files))
            try:
                report = service.verify(file, lang)
            except MediaError as error:
                fail(f"{file}: {error}", EXIT_BAD_INPUT)
            reports.append((file, report))
    if as_json:
        print_json([{"file": str(file), **report.to_dict()} for file, report in reports])
    else:
        for file, report in reports:
            _print_report(file, report)
    unknown = any(report.verdict in ("unknown", "unreadable") for _, report in reports)
    raise typer.Exit(EXIT_NO if unknown else 0)


def _print_report(file: Path, report: Report) -> None:
    console.print(f"{file}: ", end="", markup=False)
    console.print(report.verdict, style=f"bold {_STYLES.get(report.verdict, 'red')}")
    console.print(f"  {report.summary}", markup=False)
    if report.video_id:
        console.print(f"  video {report.video_id}", markup=False)
    if report.recovered_manifest:
        console.print(f"  recovered: {report.recovered_manifest}", markup=False)
    for change in report.changes:
        console.print(f"  changed: {change}", markup=False)
    for segment in report.segments:
        console.print(
            f"  {segment.start_seconds:.2f}-{segment.end_seconds:.2f} s: "
            f"mark {segment.mark_id or 'present, id unreadable'}",
            markup=False,
        )
    for label in report.labels:
        fields = ", ".join(f"{name} {value}" for name, value in label.fields.items())
        console.print(f"  label in {label.place}, signed by nobody: {fields}", markup=False)
    for item in report.not_checked:
        console.print(f"  not checked: {item}", markup=False, style="dim", soft_wrap=True)


@credentials.command("show")
def show(file: File, as_json: Json = False) -> None:
    """Validate and show the manifest in a file; exits with 1 unless it is trusted."""
    report = read(file, keyring.load(Settings()).trust)
    if as_json:
        print_json(jsonable(asdict(report)))
    else:
        console.print(f"{file}: {report.state}", markup=False)
        for name, value in asdict(report).items():
            if value not in (None, (), [], ""):
                console.print(f"  {name}: {jsonable(value)}", markup=False)
    raise typer.Exit(0 if report.state == "trusted" else EXIT_NO)
