"""Signed notes: a text with one or more Ed25519 signatures below it (C2SP signed-note).

    the text, of one or more lines

    — name-of-the-key base64(key ID ‖ signature)

A key has a name, and a key ID of four bytes that also says what kind of signature it makes.
Signatures of unknown keys are ignored, so that keys can be replaced and witnesses can join.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.ledger.errors import FormatError, SignatureError
from provenance.ledger.fields import check_characters, decode_base64, decode_text, encode_base64
from provenance.ledger.keys import KEY_ID_BYTES, VerifierKey, check_key_name

MAX_SIGNATURES = 100
"""Signatures in one note; the specification wants at least 16 accepted, and some limit."""


@dataclass(frozen=True)
class Signature:
    """One signature line: whose it claims to be, and the bytes that have to be verified."""

    key_name: str
    key_id: bytes
    data: bytes

    def __post_init__(self) -> None:
        check_key_name(self.key_name)
        if len(self.key_id) != KEY_ID_BYTES or not self.data:
            raise FormatError("a signature consists of a key ID of four bytes and more")

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """A line without its newline. Raises FormatError if it is not a signature line."""
        dash, _, rest = line.partition(" ")
        key_name, _, encoded = rest.partition(" ")
        if dash != "—":
            raise FormatError("a signature line does not start with an em dash and a space")
        raw = decode_base64(encoded, "a signature")
        return cls(key_name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])

    def __str__(self) -> str:
        return f"— {self.key_name} {encode_base64(self.key_id + self.data)}"


@dataclass(frozen=True)
class Note:
    """A text and its signatures, not yet verified (C2SP signed-note, "Format").

    The text ends in a newline and contains no other control character; there are 1 to 100
    signatures. Raises FormatError otherwise.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise FormatError("the text of a note ends in a newline")
        check_characters(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise FormatError(f"a note has 1 to {MAX_SIGNATURES} signatures")

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """A note from its bytes. Raises FormatError if it is malformed."""
        text, blank_line, signatures = decode_text(data, "the note").rpartition("\n\n")
        if not blank_line:
            raise FormatError("the note has no blank line before its signatures")
        return cls(text + "\n", parse_signatures(signatures))

    def encode(self) -> bytes:
        """The note's bytes; `parse` reads them back."""
        return "\n".join([self.text, *map(str, self.signatures), ""]).encode()

    def signatures_by(self, key: VerifierKey) -> tuple[Signature, ...]:
        """The signatures of `key`, each verified; none if it has not signed.

        Raises SignatureError if one is false, however good the others are.
        """
        claimed = tuple(
            signature
            for signature in self.signatures
            if (signature.key_name, signature.key_id) == (key.name, key.key_id)
        )
        if not all(key.verifies(self.text, signature.data) for signature in claimed):
            raise SignatureError(f"a signature in the name of {key.name} is false")
        return claimed


@dataclass(frozen=True)
class NoteSigner:
    """A private key and the name under which it signs notes."""

    name: str
    private_key: Ed25519PrivateKey

    @property
    def verifier_key(self) -> VerifierKey:
        """The key to give to those who check the signatures."""
        return VerifierKey(self.name, self.private_key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """A signature for the note with this text (C2SP signed-note, "Ed25519 signatures")."""
        return Signature(self.name, self.verifier_key.key_id, self.private_key.sign(text.encode()))


def open_note(data: bytes, keys: Sequence[VerifierKey]) -> tuple[Note, list[VerifierKey]]:
    """A note, and those of `keys` that have signed it, which is at least one.

    Raises FormatError if it is malformed, and SignatureError if no key has signed, or one falsely.
    """
    note = Note.parse(data)
    signers = [key for key in keys if note.signatures_by(key)]
    if not signers:
        raise SignatureError("no known key has signed the note")
    return note, signers


def parse_signatures(block: str) -> tuple[Signature, ...]:
    """Signature lines, each ending in a newline. Raises FormatError if one is malformed."""
    if not block.endswith("\n"):
        raise FormatError("the last signature line does not end in a newline")
    return tuple(Signature.parse(line) for line in block[:-1].split("\n"))
