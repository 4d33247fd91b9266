"""An event's bytes, and commitments to what may be erased."""

import hashlib
import json
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.errors import FormatError
from provenance.ledger.leaf import commitment, encode_event, new_salt, opens

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SALT = bytes(range(32))


def test_the_examples_of_the_specification() -> None:
    """RFC 8785 sections 3.2.2 and 3.2.3."""
    assert encode_event(
        {
            "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
            "literals": [None, True, False],
        }
    ) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    entry = encode_event(dict.fromkeys(keys))
    assert list(json.loads(entry)) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
    ],
)
def test_the_numbers_of_the_specification(bits: str, text: str) -> None:
    """RFC 8785 appendix B."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert encode_event({"n": number}) == f'{{"n":{text}}}'.encode()


@given(st.dictionaries(st.text(st.characters(codec="ascii")), JSON_VALUES, max_size=5))
def test_entries_are_the_bytes_that_a_plain_implementation_writes(event: dict) -> None:
    assert encode_event(event) == rfc8785.dumps(event)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_an_entry_says_what_the_event_said(event: dict) -> None:
    entry = encode_event(event)
    read = json.loads(entry, parse_int=float)  # in RFC 8785 every number is a double
    assert read == event
    assert encode_event(read) == entry
    assert encode_event(dict(reversed(event.items()))) == entry


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


def test_deep_values_are_written_too() -> None:
    assert encode_event({"a": nested(300)}) == rfc8785.dumps({"a": nested(300)})


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        pytest.param(10**5000, id="huge"),
        "\ud800",
        {"\ud800": 1, "a": 2},
        {1: 2},
        {"a": b"bytes"},
        {"a": {1, 2}},
        nested(100_000),
    ],
)
def test_what_has_no_canonical_form_is_refused(value) -> None:
    with pytest.raises(FormatError):
        encode_event({"value": value})
    with pytest.raises(FormatError):
        commitment(SALT, value)


def test_an_entry_fits_its_bundle() -> None:
    room = 65_535 - len(encode_event({"a": ""}))
    assert len(encode_event({"a": "x" * room})) == 65_535
    with pytest.raises(FormatError, match="65535"):
        encode_event({"a": "x" * (room + 1)})


def test_a_commitment_is_an_hmac_of_canonical_json() -> None:
    """RFC 2104 written out, over RFC 8785."""
    key = SALT + bytes(32)
    message = b'{"a":"\xc3\xa9","b":1}'
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in key) + message).digest()
    outer = hashlib.sha256(bytes(k ^ 0x5C for k in key) + inner).digest()
    assert commitment(SALT, {"b": 1.0, "a": "é"}) == outer


@given(JSON_VALUES, JSON_VALUES)
def test_a_commitment_opens_to_its_value_and_salt_only(value, other) -> None:
    committed = commitment(SALT, value)
    assert opens(committed, SALT, value)
    assert not opens(committed, bytes(32), value)
    assert opens(committed, SALT, other) == (encode_event({"": value}) == encode_event({"": other}))


def test_salts_are_random_and_of_one_length() -> None:
    assert len({new_salt() for _ in range(100)}) == 100
    assert len(new_salt()) == 32
    for salt in (b"", bytes(31), bytes(33)):
        with pytest.raises(FormatError):
            commitment(salt, "value")
