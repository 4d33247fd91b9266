"""The fields of the text formats have one spelling each."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.errors import FormatError
from provenance.ledger.fields import (
    decode_base64,
    decode_hash,
    decode_number,
    decode_text,
    encode_base64,
)


@given(st.binary(max_size=100))
def test_base64_reads_back(data: bytes) -> None:
    assert encode_base64(data) == base64.standard_b64encode(data).decode()
    assert decode_base64(encode_base64(data), "it") == data


@given(st.text(alphabet="AQgw+/=-_ \n\u0410", max_size=12))
def test_base64_has_one_spelling(text: str) -> None:
    with contextlib.suppress(FormatError):
        assert encode_base64(decode_base64(text, "it")) == text


@pytest.mark.parametrize(
    "text", ["A", "AA", "AB==", "AAB=", "AA==\n", "AA=A", "A A=", "AA-_", "=", "é"]
)
def test_other_base64_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="the root is not base64"):
        decode_base64(text, "the root")


@given(st.integers(0, 2**63 - 1))
def test_numbers_read_back(number: int) -> None:
    assert decode_number(str(number), "it") == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "00", "1.", "1_0", " 1", "1\n", "١", str(2**63)]
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="the size is not a decimal number from 0 to"):
        decode_number(text, "the size")


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(FormatError, match="the root is 31 bytes long instead of 32"):
        decode_hash(encode_base64(bytes(31)), "the root")
    with pytest.raises(FormatError, match="the note is not UTF-8"):
        decode_text(b"\xff", "the note")
