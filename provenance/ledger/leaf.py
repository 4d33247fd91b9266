"""What the log holds of an event: canonical JSON, with commitments in place of erasable fields.

A log cannot forget, so what may have to be erased stays out of it: the event holds a commitment,
and the value and its salt are kept elsewhere. Once these two are deleted, nothing can be learnt
from the commitment, and every proof still holds.
"""

import hmac
import secrets

import orjson
import rfc8785

from provenance.ledger.bundles import MAX_ENTRY_BYTES
from provenance.ledger.errors import FormatError

SALT_BYTES = 32
_LARGEST_INTEGER = 2**53 - 1

JSON = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None


def encode_event(event: dict[str, JSON]) -> bytes:
    """The entry to log: `event` as canonical JSON (RFC 8785).

    Raises FormatError as `canonical`, and for more than the 65,535 bytes that an entry may have.
    """
    entry = canonical(event)
    if len(entry) > MAX_ENTRY_BYTES:
        raise FormatError(f"the event is longer than {MAX_ENTRY_BYTES} bytes")
    return entry


def canonical(value: JSON) -> bytes:
    """`value` as canonical JSON (RFC 8785), of any length.

    Raises FormatError for what that cannot express: NaN, infinities, integers beyond 2**53 - 1,
    lone surrogates, nesting beyond the interpreter's depth.
    """
    try:
        if _is_plain(value):
            try:
                return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
            except orjson.JSONEncodeError:  # nested deeper than 254, or half a surrogate pair
                pass
        return rfc8785.dumps(value)
    except RecursionError as error:
        raise FormatError("the value is nested too deeply") from error
    except ValueError as error:  # includes rfc8785's own errors and lone surrogates in keys
        raise FormatError(f"the value has no canonical JSON: {error}") from error


def new_salt() -> bytes:
    """32 random bytes, for one commitment only: a salt used twice shows which values are equal."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(salt: bytes, value: JSON) -> bytes:
    """A 32-byte commitment to `value`: HMAC-SHA-256 of its canonical JSON, keyed with `salt`.

    Without a secret salt, whoever guesses a prompt or an address could confirm the guess by
    hashing it, even after erasure; RFC 9901 section 9.3 salts disclosures for the same reason and
    wants 128 bits or more. Raises FormatError unless the salt has 32 bytes and `value` can be
    written as RFC 8785 wants.
    """
    if len(salt) != SALT_BYTES:
        raise FormatError(f"a salt has {SALT_BYTES} bytes")
    return hmac.digest(salt, canonical(value), "sha256")


def opens(committed: bytes, salt: bytes, value: JSON) -> bool:
    """Whether `committed` is the commitment to `value` under `salt`; raises as `commitment`."""
    return hmac.compare_digest(committed, commitment(salt, value))


def _is_plain(value: JSON) -> bool:
    """Whether orjson writes it as RFC 8785 wants and many times faster, if at all: that differs in
    the order of keys beyond ASCII, and in numbers that are whole but of floating point, tiny or
    huge."""
    if isinstance(value, str):
        return True
    if isinstance(value, float):
        return 1e-5 < abs(value) < 1e15 and not value.is_integer()
    if isinstance(value, dict):
        for name, member in value.items():
            if not (isinstance(name, str) and name.isascii()):
                return False
            if not (isinstance(member, str) or _is_plain(member)):
                return False
        return True
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, int):
        return -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER
    return value is None
