"""Proof files: everything that shows one entry to be in the log, offline (C2SP tlog-proof)."""

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import FormatError
from provenance.ledger.fields import (
    MAX_NUMBER,
    decode_base64,
    decode_hash,
    decode_number,
    decode_text,
    encode_base64,
)
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import leaf_hash
from provenance.ledger.note import Note
from provenance.ledger.proofs import verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
"""The first line of a proof file."""


@dataclass(frozen=True)
class ProofFile:
    """The contents of a `.tlog-proof` file, not yet verified (C2SP tlog-proof, "Format").

    `index` is the entry's place in the log, from 0; `proof` its inclusion proof in the tree of
    `signed`, the signed checkpoint; `extra` is free and covered by no signature. Raises
    FormatError for an index out of range or a malformed checkpoint.
    """

    index: int
    proof: tuple[bytes, ...]
    signed: bytes
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_NUMBER:
            raise FormatError(f"the index is 0 to {MAX_NUMBER}")
        Checkpoint.parse_signed(self.signed)

    def encode(self) -> bytes:
        """The file's bytes; `parse` reads them back."""
        extra = [f"extra {encode_base64(self.extra)}"] if self.extra else []
        proof = map(encode_base64, self.proof)
        lines = [HEADER, *extra, f"index {self.index}", *proof, "", ""]
        return "\n".join(lines).encode() + self.signed

    @classmethod
    def parse(cls, data: bytes) -> "ProofFile":
        """A file from its bytes. Raises FormatError if it is malformed."""
        head, blank_line, signed = data.partition(b"\n\n")
        if not blank_line:
            raise FormatError("the proof file has no blank line before the checkpoint")
        header, *lines = decode_text(head, "the proof file").split("\n")
        if header != HEADER:
            raise FormatError(f"the proof file does not start with {HEADER}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), "the extra data")
            if not extra:
                raise FormatError("the line of extra data is left out if there is none")
        if not lines or not lines[0].startswith("index "):
            raise FormatError("the proof file does not say the entry's index")
        return cls(
            decode_number(lines[0].removeprefix("index "), "the index"),
            tuple(decode_hash(line, "a hash of the inclusion proof") for line in lines[1:]),
            signed,
            extra,
        )


@dataclass(frozen=True)
class VerifiedEntry:
    """An entry that was shown to be in a log: its index, the log's head, and the note around it.

    The note may carry witnesses' signatures; `cosignatures` checks them.
    """

    index: int
    checkpoint: Checkpoint
    note: Note


def verify_entry(entry: bytes, proof_file: bytes, keys: Sequence[VerifierKey]) -> VerifiedEntry:
    """Check that a log has logged exactly these bytes (C2SP tlog-proof, "Verifying a tlog proof").

    `keys` are verifier keys of logs, each named after its log. Raises FormatError for malformed
    bytes, SignatureError if the checkpoint is not signed by its log, and ProofError if the entry
    is not where the file says.
    """
    parsed = ProofFile.parse(proof_file)
    checkpoint, note = open_checkpoint(parsed.signed, keys)
    verify_inclusion(leaf_hash(entry), parsed.index, checkpoint.size, parsed.proof, checkpoint.root)
    return VerifiedEntry(parsed.index, checkpoint, note)
