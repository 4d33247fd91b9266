"""`signet trust`: the published lists of who may sign Content Credentials."""

from pathlib import Path
from typing import Annotated

import httpx
import typer
from cryptography import x509

from api.cli.output import EXIT_BAD_INPUT, EXIT_NO, Json, console, fail, print_json
from api.settings import Settings
from provenance import trust_lists
from provenance.trust_lists import NAMES, SOURCES, ListName, TrustListError

trust = typer.Typer(
    help="The trust lists of the C2PA.", no_args_is_help=True, rich_markup_mode=None
)

_SECONDS = 30.0

Certificates = set[x509.Certificate]


@trust.command("list")
def list_lists(as_json: Json = False) -> None:
    """Show which lists `signet verify` goes by, and who is on them."""
    folder = Settings().trust_lists_dir
    rows = []
    for name in NAMES:
        path = trust_lists.find(name, folder)
        text = path.read_text() if path else ""
        names = [_name(found) for found in trust_lists.certificates(text)] if path else []
        rows.append({"list": name, "file": str(path) if path else None, "certificates": names})
    if as_json:
        print_json(rows)
        return
    for row in rows:
        where = row["file"] or "none: `signet trust refresh` fetches it"
        console.print(f"{row['list']}: {where}", markup=False, soft_wrap=True)
        for subject in row["certificates"] or ():
            console.print(f"  {subject}", markup=False, soft_wrap=True)


@trust.command()
def refresh(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Take the lists from this folder (c2pa.pem, time_stamps.pem, interim.pem), on a "
            "host without internet.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch the current lists, check them, and keep them in the data folder.

    A list that cannot be had, or is none, leaves the one that is there. Exits with 1 then. A
    server reads the lists when it starts.
    """
    kept = Settings().trust_lists_dir
    changes: list[dict[str, object]] = []
    for name in NAMES:
        try:
            text = _fetch(SOURCES[name]) if folder is None else _file(folder, name)
            new = set(trust_lists.certificates(text))
        except (TrustListError, httpx.HTTPError, OSError, UnicodeDecodeError) as error:
            changes.append({"list": name, "error": str(error) or type(error).__name__})
            continue
        old = _known(name, kept)
        _keep(trust_lists.path_in(kept, name), text)
        changes.append(
            {
                "list": name,
                "certificates": len(new),
                "added": sorted(map(_name, new - old)),
                "removed": sorted(map(_name, old - new)),
            }
        )
    if as_json:
        print_json(changes)
    else:
        _print(changes)
    raise typer.Exit(EXIT_NO if any("error" in change for change in changes) else 0)


def _fetch(url: str) -> str:
    """A text over HTTPS, no longer than a list may be."""
    text = b""
    with httpx.stream("GET", url, timeout=_SECONDS, follow_redirects=True) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes():
            text += part
            if len(text) > trust_lists.MAX_BYTES:
                raise TrustListError(f"{url} sends more than {trust_lists.MAX_BYTES} bytes")
    return text.decode()


def _file(folder: Path, name: ListName) -> str:
    return trust_lists.path_in(folder, name).read_text()


def _known(name: ListName, folder: Path) -> Certificates:
    path = trust_lists.find(name, folder)
    return set(trust_lists.certificates(path.read_text())) if path else set()


def _keep(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text)
        part.replace(path)
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}", EXIT_BAD_INPUT)


def _print(changes: list[dict[str, object]]) -> None:
    for change in changes:
        if "error" in change:
            console.print(f"{change['list']}: kept as it is: {change['error']}", markup=False)
            continue
        console.print(f"{change['list']}: {change['certificates']} certificates", markup=False)
        for sign, key in (("+", "added"), ("-", "removed")):
            names = change[key]
            for name in names if isinstance(names, list) else ():
                console.print(f"  {sign} {name}", markup=False, soft_wrap=True)


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
