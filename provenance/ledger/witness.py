"""What a log and its witness send each other (C2SP tlog-witness, "add-checkpoint")."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.cosignature import WitnessKey, cosigned_at
from provenance.ledger.errors import FormatError, SignatureError
from provenance.ledger.fields import decode_hash, decode_number, decode_text, encode_base64
from provenance.ledger.merkle import HASH_SIZE
from provenance.ledger.note import Note, parse_signatures

_MAX_PROOF_LINES = 63


@dataclass(frozen=True)
class AddCheckpoint:
    """The body of a request to cosign a checkpoint.

    `proof` is the consistency proof from `old_size`, the size that the witness cosigned last (0 if
    none), to the size in `signed`, the log's signed checkpoint, which goes unchanged. Raises
    FormatError for values that no request can have, such as an old size above the new one.
    """

    old_size: int
    proof: tuple[bytes, ...]
    signed: bytes

    def __post_init__(self) -> None:
        size = Checkpoint.parse_signed(self.signed).size
        if not 0 <= self.old_size <= size:
            raise FormatError(f"the old size is 0 to {size}, the size of the checkpoint")
        if len(self.proof) > _MAX_PROOF_LINES:
            raise FormatError(f"the proof has more than {_MAX_PROOF_LINES} hashes")
        if any(len(each) != HASH_SIZE for each in self.proof):
            raise FormatError(f"a hash is not {HASH_SIZE} bytes long")

    def encode(self) -> bytes:
        """The body; `parse` reads it back."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.signed

    @classmethod
    def parse(cls, body: bytes) -> "AddCheckpoint":
        """A request from its body. Raises FormatError if it is malformed."""
        head, blank_line, signed = body.partition(b"\n\n")
        if not blank_line:
            raise FormatError("the request has no blank line before the checkpoint")
        old, *proof = decode_text(head, "the request").split("\n")
        if not old.startswith("old "):
            raise FormatError("the request does not start with the old size")
        return cls(
            decode_number(old.removeprefix("old "), "the old size"),
            tuple(decode_hash(line, "a hash of the consistency proof") for line in proof),
            signed,
        )


def add_cosignatures(signed: bytes, response: bytes, witnesses: Sequence[WitnessKey]) -> bytes:
    """The signed checkpoint with the signatures that `witnesses` gave in a response body.

    Those of other keys are dropped, and of each witness all but the latest. Raises
    FormatError for malformed bytes, and SignatureError if no witness has signed, or one falsely.
    """
    note = Note.parse(signed)
    answer = Note(note.text, parse_signatures(decode_text(response, "the response")))
    cosigned = [
        max(signatures, key=cosigned_at)
        for key in dict.fromkeys(witnesses)
        if (signatures := answer.signatures_by(key))
    ]
    if not cosigned:
        raise SignatureError("no known witness has cosigned the checkpoint")
    return replace(note, signatures=(*note.signatures, *cosigned)).encode()
