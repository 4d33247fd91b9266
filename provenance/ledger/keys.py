"""Keys that signed notes are checked with (C2SP signed-note, "Signatures" and "Verifier keys")."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from provenance.ledger.errors import FormatError
from provenance.ledger.fields import check_characters, decode_base64, encode_base64

KEY_ID_BYTES = 4

_PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True)
class VerifierKey:
    """An Ed25519 public key (32 bytes) and its name (C2SP signed-note, "Signature types").

    Raises FormatError for a key of another length, and for a name that is empty or contains
    spaces, plus signs or control characters.
    """

    signature_type: ClassVar[int] = 0x01

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public_key) != _PUBLIC_KEY_BYTES:
            raise FormatError(f"an Ed25519 public key has {_PUBLIC_KEY_BYTES} bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key in the form of `str(key)`: `name+key ID+base64(signature type ‖ public key)`.

        Raises FormatError if it is malformed, of another signature type, or its key ID is wrong.
        """
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = decode_base64(encoded, "the third part of the verifier key")
        if material[:1] != bytes([cls.signature_type]):
            raise FormatError(f"the verifier key is not of signature type {cls.signature_type}")
        key = cls(name, material[1:])
        if key.key_id.hex() != key_id:
            raise FormatError(f"the verifier key's ID has to be {key.key_id.hex()}")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self._material)}"

    @property
    def key_id(self) -> bytes:
        """Four bytes: SHA-256(name ‖ newline ‖ signature type ‖ public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._material).digest()[:KEY_ID_BYTES]

    @property
    def _material(self) -> bytes:
        return bytes([self.signature_type]) + self.public_key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether `signature` is this key's on `text` (C2SP signed-note, "Ed25519 signatures")."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def check_key_name(name: str) -> None:
    """Raises FormatError unless a key can have this name (C2SP signed-note, "Format")."""
    check_characters(name)
    if not name or "+" in name or any(character.isspace() for character in name):
        raise FormatError("the name of a key is not empty and has neither spaces nor plus signs")
