"""Checkpoints: the log's name, size and root in a signed note (C2SP tlog-checkpoint).

    signet.example/log
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

A checkpoint stands for every entry up to its size; the log signs no two that disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.ledger.errors import FormatError, SignatureError
from provenance.ledger.fields import (
    MAX_NUMBER,
    check_characters,
    decode_hash,
    decode_number,
    encode_base64,
)
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import EMPTY_ROOT, HASH_SIZE
from provenance.ledger.note import Note, NoteSigner, open_note


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log's tree (C2SP tlog-checkpoint, "Note text").

    `origin` names the log, `size` is 0 to 2**63 - 1, `root` is the 32-byte Merkle tree hash of
    that many entries, `extensions` are further lines, which nobody audits. Raises FormatError for
    values that no checkpoint can have.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            check_characters(line)
            if not line or "\n" in line:
                raise FormatError("origin and extensions of a checkpoint are one line each")
        if not 0 <= self.size <= MAX_NUMBER:
            raise FormatError(f"the size of a tree is 0 to {MAX_NUMBER}")
        if len(self.root) != HASH_SIZE:
            raise FormatError(f"the root hash has {HASH_SIZE} bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise FormatError("this is not the root of the empty tree")

    @property
    def text(self) -> str:
        """The text of the note."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The inverse of `text`. Raises FormatError for anything else."""
        origin, *rest = text.split("\n")
        if len(rest) < 3 or rest.pop():
            raise FormatError("a checkpoint is three lines or more, each ending in a newline")
        size, root, *extensions = rest
        return cls(
            origin,
            decode_number(size, "the tree size"),
            decode_hash(root, "the root hash"),
            tuple(extensions),
        )

    @classmethod
    def parse_signed(cls, signed: bytes) -> "Checkpoint":
        """The checkpoint in a signed note, no signature of which has been verified.

        Raises FormatError for malformed bytes.
        """
        return cls.parse(Note.parse(signed).text)


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """The checkpoint as a note signed by the log.

    Raises FormatError unless the signer's name is the origin, which makes the key recognisable as
    the log's own (C2SP tlog-checkpoint, "Signatures").
    """
    if signer.name != checkpoint.origin:
        raise FormatError(f"{signer.name} cannot sign for the log {checkpoint.origin}")
    return Note(checkpoint.text, (signer.sign(checkpoint.text),)).encode()


def open_checkpoint(signed: bytes, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Note]:
    """A checkpoint that its log has signed, and the note around it with other signatures.

    A key is trusted for the log that it is named after, and for no other. Raises FormatError for
    malformed bytes, and SignatureError unless one of `keys` has signed for its own log.
    """
    note, signers = open_note(signed, keys)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin not in [key.name for key in signers]:
        raise SignatureError(f"no known key of the log {checkpoint.origin} has signed its head")
    return checkpoint, note
