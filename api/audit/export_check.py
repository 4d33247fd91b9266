"""Checks an export in JSON Lines, as `export` writes them, with nothing but the file."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.audit import heads
from api.audit.export import KIND
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.fields import MAX_NUMBER, decode_base64, decode_hash
from provenance.ledger.keys import VerifierKey
from provenance.ledger.leaf import opens
from provenance.ledger.merkle import Frontier, leaf_hash
from provenance.ledger.proofs import verify_inclusion

_LONGEST_LINE = 2**24
"""Characters; an entry has 65,535 bytes at most."""
_ENOUGH = 1000
"""Problems after which a file is given up."""
_WHAT_CAN_BE = (
    "checked are exports in JSON Lines (CSV and OCSF prove nothing), mirrors' folders and "
    ".tlog-proof files; a signed head is compared with one of them, or the log, by --head"
)


class ExportError(ValueError):
    """A file is no export, or not one that can answer the question."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `verify` found. size: entries of the log that the export is of. proved: how many of
    them it holds. impersonal: how many of these come without their personal part, be it that it was
    erased or that somebody left it out. problems: sentences."""

    size: int
    proved: int
    impersonal: int
    key: VerifierKey
    problems: tuple[str, ...] = field(default=())


class _Strict(BaseModel):
    """JSON of one shape: no member more or less, and none of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Personal(_Strict):
    salt: str
    content: dict[str, str]


class _Line(_Strict):
    place: int = Field(ge=0, le=MAX_NUMBER)
    entry: str
    proof: list[str]
    personal: _Personal | None


def lines_of(file: TextIO) -> Iterator[str]:
    """The lines of a file that may be anything: overlong ones in pieces, which are no JSON."""
    return iter(lambda: file.readline(_LONGEST_LINE), "")


def verify(
    lines: Iterable[str],
    key: VerifierKey | None,
    on_progress: Callable[[int, int], None],
    kept: bytes | None = None,
) -> ExportReport:
    """Check every event of an export against its signed head.

    key: the log's, as the verifier knows it; None believes the file's own. on_progress: called
    with places passed, and in all. kept: a signed head of the log from elsewhere, which the export
    has to agree with. Raises ExportError for what is no export, and for one that holds too little
    to be compared with `kept`; LedgerError where a head is not signed with the key.
    """
    remaining = iter(lines)
    header = _header(next(remaining, ""))
    key = key or VerifierKey.parse(header["verifier_key"])
    head, _ = open_checkpoint(header["checkpoint"].encode(errors="replace"), [key])
    beginning = heads.open_kept(kept, key) if kept is not None else head
    problems: list[str] = []
    proved, impersonal, newest = 0, 0, -1
    start = Frontier()  # of the entries from the first on, as long as none is left out
    for number, line in enumerate(remaining, start=2):
        try:
            place, digest, has_personal = _check(line, head)
            if place <= newest:
                raise ValueError(f"entry {place} comes after entry {newest}")
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            problems.append(f"line {number}: {_what(error)}")
            if len(problems) == _ENOUGH:
                problems.append("there may be more; the rest was not checked")
                break
            continue
        newest, proved, impersonal = place, proved + 1, impersonal + (not has_personal)
        on_progress(place + 1, head.size)
        if place == start.size < beginning.size:
            start = start.append([digest])
    try:
        problems += _compare_kept(beginning, head, start)
    except ExportError:
        if not problems:  # else one of the lines that are missing is there, and was changed
            raise
    return ExportReport(head.size, proved, impersonal, key, tuple(problems))


def _header(line: str) -> dict[str, str]:
    try:
        header = _json(line)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"line 1 is not JSON; {_WHAT_CAN_BE}") from error
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise ExportError(f"it does not start as an export in JSON Lines does; {_WHAT_CAN_BE}")
    if set(header) != {"kind", "checkpoint", "verifier_key"} or not all(
        isinstance(value, str) for value in header.values()
    ):
        raise ExportError("line 1 has other members than an export's")
    return header


def _check(text: str, head: Checkpoint) -> tuple[int, bytes, bool]:
    """The place of a line's event, its leaf hash, and whether its personal part is there. Raises
    ValueError and the like."""
    line = _Line.model_validate(_json(text))
    entry = line.entry.encode()
    digest = leaf_hash(entry)
    proof = [decode_hash(each, "a hash of the proof") for each in line.proof]
    verify_inclusion(digest, line.place, head.size, proof, head.root)
    if line.personal:
        committed = bytes.fromhex(json.loads(entry)["personal"])
        salt = decode_base64(line.personal.salt, "the salt")
        if not opens(committed, salt, dict(line.personal.content)):
            raise ValueError(f"the personal part of entry {line.place} was changed")
    return line.place, digest, line.personal is not None


def _compare_kept(kept: Checkpoint, head: Checkpoint, start: Frontier) -> list[str]:
    """start: of the entries that the file holds without a gap from the first on."""
    if kept.size > head.size:
        return [
            f"entries {head.size} to {kept.size - 1}, which the kept head covers, are not in "
            "this copy: it is older than that head, or its end was cut off"
        ]
    if kept.size == head.size:
        return [] if kept.root == head.root else ["the head that was kept is another"]
    if start.size < kept.size:
        raise ExportError(
            f"the file lacks entry {start.size}, so it cannot be compared with the head that was "
            "kept; a mirror can"
        )
    if start.root != kept.root:
        return [f"the first {kept.size} entries do not lead to the head that was kept"]
    return []


def _what(error: Exception) -> str:
    if isinstance(error, ValidationError):
        wrong = error.errors()[0]
        return f"it is malformed: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
    if isinstance(error, LedgerError):
        return f"it was not logged so: {error}"
    return f"it is malformed: {error}"


def _json(text: str) -> Any:
    """JSON in which every member has one value, whoever reads it."""
    return json.loads(text, object_pairs_hook=_members, parse_constant=_refuse)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is there twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
