"""What `signet audit verify` does with a `.tlog-proof` file: checks it, and says when it was so."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NoReturn

from api.audit import heads
from api.cli.log_check import log_key, tell
from api.cli.output import EXIT_BAD_INPUT, EXIT_NO, counted, fail
from provenance.ledger.bundles import MAX_ENTRY_BYTES
from provenance.ledger.cosignature import WitnessKey, cosignatures
from provenance.ledger.errors import FormatError, LedgerError, SignatureError
from provenance.ledger.note import Note
from provenance.ledger.proof_file import HEADER, verify_entry

_LARGEST_PROOF = 1024 * 1024
_LARGEST_ENTRY = MAX_ENTRY_BYTES + 1
"""Bytes to read: a longer file is no entry, and its beginning is none either."""


def check_proof(
    file: Path,
    entry: BinaryIO | None,
    key: str | None,
    witnesses: Sequence[str],
    kept: bytes | None,
    as_json: bool,
) -> NoReturn:
    """Check a `.tlog-proof` file of an entry, say what was found, and exit. Nothing in such a file
    says whose key it is, and one place says nothing of a head that was kept. witnesses: the keys of
    those that must have cosigned the head."""
    known = log_key(key)
    if entry is None or known is None or kept is not None:
        fail(f"{file}: a proof is checked with --entry and --key, without --head", EXIT_BAD_INPUT)
    trusted = [_witness_key(each) for each in witnesses]
    try:
        with file.open("rb") as opened:
            proof = opened.read(_LARGEST_PROOF)
        found = verify_entry(entry.read(_LARGEST_ENTRY), proof, [known])
        claims = heads.claims(found.checkpoint)
        cosigned = _cosigned(found.note, trusted)
    except OSError as error:
        fail(f"{file}: {error.strerror}", EXIT_BAD_INPUT)
    except FormatError as error:
        fail(f"{file}: {error}", EXIT_BAD_INPUT)
    except LedgerError as error:
        fail(f"{file}: {error}", EXIT_NO)
    first = None if claims.previous is None else claims.previous <= found.index
    sentence = f"entry {found.index} of the {found.checkpoint.size:,} under this head"
    if claims.signed:
        sentence += f", signed {claims.signed.isoformat()} by the log's clock"
    if first:
        before = counted(claims.previous or 0, "entry", "entries")
        sentence += f"; not under the head before, of {before}"
    for name, at in cosigned.items():
        sentence += f"; cosigned {at} by {name}"
    tell(
        sentence,
        {
            "entry": found.index,
            "entries": found.checkpoint.size,
            "signed": claims.signed.isoformat() if claims.signed else None,
            "previous": claims.previous,
            "first_head": first,
            "cosigned": cosigned,
            "verifier_key": str(known),
        },
        (),
        as_json,
    )


def is_proof(file: Path) -> bool:
    """Whether a file begins as a `.tlog-proof` file does. False where it cannot be read, and of a
    pipe, which can be read only once."""
    try:
        if not file.is_file():
            return False
        with file.open("rb") as opened:
            return opened.read(len(HEADER)) == HEADER.encode()
    except OSError:
        return False


def _witness_key(text: str) -> WitnessKey:
    try:
        return WitnessKey.parse(text)
    except FormatError as error:
        fail(
            f"--witness: {error}; the key is had from the witness itself, as NAME+ID+KEY of C2SP "
            "signature type 4, and is not the log's",
            EXIT_BAD_INPUT,
        )


def _cosigned(note: Note, witnesses: Sequence[WitnessKey]) -> Mapping[str, str]:
    """When each of these witnesses cosigned a head, by its name. Raises SignatureError for one that
    has not, or falsely."""
    times = cosignatures(note, witnesses)
    for witness in witnesses:
        if witness not in times:
            raise SignatureError(f"the witness {witness.name} has not cosigned this head")
    return {witness.name: _moment(seconds) for witness, seconds in times.items()}


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):  # whatever a witness may claim
        return f"{seconds} seconds after 1970"
