"""Everything secret: HKDF-SHA256 (RFC 5869) turns one key into the pilot, the spreading of the
data and the authentication of the id, independent of each other.

The message is the id's 32-bit tag and the id under a mask drawn from that tag, as in a synthetic IV
(RFC 5297). So the messages of any ids, related or not, look random and independent: averaging many
marked videos cancels their data and leaves the pilot alone.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provenance.watermark import pattern
from provenance.watermark.code import Bits, code_length, encode
from provenance.watermark.types import ALGORITHM, check_key

ID_BITS = 64
TAG_BITS = 32
PILOT_SHARE = 0.25
PILOT_SIZE = round(PILOT_SHARE * pattern.SIZE)
DATA_SIZE = 2 * (pattern.SIZE - PILOT_SIZE)
DATA_TO_PILOT = ((1 - PILOT_SHARE) / PILOT_SHARE) ** 0.5
"""How many times the pilot's score that of undamaged data is."""
MESSAGE_BITS = TAG_BITS + ID_BITS
CODE_BITS = code_length(MESSAGE_BITS)


@dataclass(frozen=True, eq=False)
class Schedule:
    """What one key determines.

    pilot: indices into the band (PILOT_SIZE,); pilot_signs: their known values, each +-1 +-i.
    data: indices of the other coefficients; their real parts, then their imaginary parts, are
    DATA_SIZE dimensions. Dimension d carries code bit `code_bit[d]` times `data_signs[d]`, +-1.
    """

    pilot: npt.NDArray[np.intp]
    pilot_signs: pattern.Band
    data: npt.NDArray[np.intp]
    code_bit: npt.NDArray[np.intp]
    data_signs: npt.NDArray[np.float32]
    tag_key: bytes
    mask_key: bytes


@lru_cache(maxsize=32)
def schedule(key: bytes) -> Schedule:
    """The schedule of a key of at least 16 bytes. Raises WatermarkError for a shorter one."""
    check_key(key)
    order = _permutation(_subkey(key, "carriers"), pattern.SIZE)
    signs = _signs(_subkey(key, "pilot signs"), 2 * PILOT_SIZE)
    spread = _permutation(_subkey(key, "interleaver"), DATA_SIZE)
    return Schedule(
        pilot=order[:PILOT_SIZE],
        pilot_signs=(signs[:PILOT_SIZE] + 1j * signs[PILOT_SIZE:]).astype(np.complex64),
        data=order[PILOT_SIZE:],
        code_bit=spread % CODE_BITS,
        data_signs=_signs(_subkey(key, "data signs"), DATA_SIZE),
        tag_key=_subkey(key, "id tag"),
        mask_key=_subkey(key, "id mask"),
    )


def message_bits(mark_id: int, schedule: Schedule) -> Bits:
    """The MESSAGE_BITS bits that carry an id: its tag (HMAC-SHA256, truncated), then the masked id,
    most significant bits first."""
    tag = _tag(mark_id, schedule)
    body = mark_id ^ _mask(tag, schedule)
    return np.unpackbits(np.frombuffer(tag + body.to_bytes(ID_BITS // 8, "big"), np.uint8))


def authentic_id(message: Bits, schedule: Schedule) -> int | None:
    """The id of these message bits if its tag is right for this key, else None."""
    packed = np.packbits(message).tobytes()
    tag, body = packed[: TAG_BITS // 8], packed[TAG_BITS // 8 :]
    mark_id = int.from_bytes(body, "big") ^ _mask(tag, schedule)
    return mark_id if hmac.compare_digest(tag, _tag(mark_id, schedule)) else None


def _tag(mark_id: int, schedule: Schedule) -> bytes:
    identity = mark_id.to_bytes(ID_BITS // 8, "big")
    return hmac.digest(schedule.tag_key, identity, "sha256")[: TAG_BITS // 8]


def _mask(tag: bytes, schedule: Schedule) -> int:
    return int.from_bytes(hmac.digest(schedule.mask_key, tag, "sha256")[: ID_BITS // 8], "big")


def band_of(mark_id: int, schedule: Schedule) -> pattern.Band:
    """The coefficients, each +-1 +-i, of the tile that carries an id."""
    band = np.empty(pattern.SIZE, np.complex64)
    band[schedule.pilot] = schedule.pilot_signs
    real, imaginary = np.split(data_values(encode(message_bits(mark_id, schedule)), schedule), 2)
    band[schedule.data] = real + 1j * imaginary
    return band


def data_values(code_bits: Bits, schedule: Schedule) -> npt.NDArray[np.float32]:
    """The DATA_SIZE dimensions, +-1, that spell these code bits: 0 is +, 1 is -."""
    return (1.0 - 2.0 * code_bits[schedule.code_bit].astype(np.float32)) * schedule.data_signs


def data_dimensions(band: pattern.Band, schedule: Schedule) -> npt.NDArray[np.float32]:
    """The DATA_SIZE dimensions of an aligned band."""
    carriers = band[schedule.data]
    return np.concatenate([carriers.real, carriers.imag])


def _subkey(key: bytes, purpose: str) -> bytes:
    info = f"{ALGORITHM} {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def _signs(seed: bytes, count: int) -> npt.NDArray[np.float32]:
    stream = np.frombuffer(hashlib.shake_256(seed).digest(-(-count // 8)), np.uint8)
    return (1.0 - 2.0 * np.unpackbits(stream)[:count]).astype(np.float32)


def _permutation(seed: bytes, count: int) -> npt.NDArray[np.intp]:
    stream = np.frombuffer(hashlib.shake_256(seed).digest(8 * count), "<u8")
    return np.argsort(stream, kind="stable")
