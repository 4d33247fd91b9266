"""Cosignatures: a witness's word, with a time, that a log only grew (C2SP tlog-cosignature).

A log that shows different trees to different people needs its witnesses' help to hide it.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.errors import FormatError
from provenance.ledger.fields import MAX_NUMBER
from provenance.ledger.keys import VerifierKey
from provenance.ledger.note import Note, Signature

_TIMESTAMP_BYTES = 8


class WitnessKey(VerifierKey):
    """A witness's Ed25519 key (C2SP tlog-cosignature, "Format"); its signatures carry a time.

    The signed message does not commit to the name, so one public key under two names would count
    as two witnesses: whoever lists the keys has to see to that.
    """

    signature_type = 0x04

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether `signature` is this witness's on the checkpoint `text`, at the time in it."""
        timestamp = _timestamp(signature)
        return timestamp <= MAX_NUMBER and super().verifies(
            _message(text, timestamp), signature[_TIMESTAMP_BYTES:]
        )


def cosign(text: str, name: str, private_key: Ed25519PrivateKey, timestamp: int) -> Signature:
    """A witness's signature on the checkpoint `text`, at `timestamp` seconds since the Unix epoch.

    The format is that of C2SP tlog-cosignature, "Ed25519 signed message". Raises FormatError
    unless `text` is a checkpoint and 0 <= timestamp < 2**63.
    """
    Checkpoint.parse(text)
    if not 0 <= timestamp <= MAX_NUMBER:
        raise FormatError(f"a timestamp is 0 to {MAX_NUMBER} seconds")
    key = WitnessKey(name, private_key.public_key().public_bytes_raw())
    signature = private_key.sign(_message(text, timestamp).encode())
    return Signature(name, key.key_id, timestamp.to_bytes(_TIMESTAMP_BYTES, "big") + signature)


def cosignatures(note: Note, witnesses: Iterable[WitnessKey]) -> dict[WitnessKey, int]:
    """Which witnesses have cosigned the checkpoint in `note`, and when they last did.

    Times are in seconds since the Unix epoch, as the witnesses claim them. How many witnesses are
    enough is for the caller to say. Raises SignatureError if a witness's signature is false.
    """
    signed = {witness: note.signatures_by(witness) for witness in witnesses}
    return {
        witness: max(map(cosigned_at, signatures))
        for witness, signatures in signed.items()
        if signatures
    }


def cosigned_at(signature: Signature) -> int:
    """When a witness's signature was given, in seconds since the Unix epoch, as it claims."""
    return _timestamp(signature.data)


def _message(text: str, timestamp: int) -> str:
    return f"cosignature/v1\ntime {timestamp}\n{text}"


def _timestamp(signature: bytes) -> int:
    return int.from_bytes(signature[:_TIMESTAMP_BYTES], "big")
