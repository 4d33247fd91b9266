import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.watermark import WatermarkError, keys, pattern

ids = st.integers(0, 2**64 - 1)
secrets = st.binary(min_size=16, max_size=64)


@given(secrets)
def test_pilot_and_data_share_the_band(key: bytes) -> None:
    schedule = keys.schedule(key)
    together = np.sort(np.concatenate([schedule.pilot, schedule.data]))
    np.testing.assert_array_equal(together, np.arange(pattern.SIZE))
    uses = np.bincount(schedule.code_bit, minlength=keys.CODE_BITS)
    assert uses.max() - uses.min() <= 1
    assert set(np.unique(schedule.data_signs)) == {-1, 1}


@given(secrets, secrets)
def test_different_keys_are_unrelated(first: bytes, second: bytes) -> None:
    if first != second:
        a, b = keys.schedule(first), keys.schedule(second)
        assert abs(np.mean(a.data_signs * b.data_signs)) < 0.2
        assert a.tag_key != b.tag_key


@given(ids, secrets)
def test_an_id_is_read_back_under_its_own_key_only(mark_id: int, key: bytes) -> None:
    bits = keys.message_bits(mark_id, keys.schedule(key))
    assert keys.authentic_id(bits, keys.schedule(key)) == mark_id
    assert keys.authentic_id(bits, keys.schedule(key + b"x")) is None


@given(ids, secrets, st.integers(0, keys.MESSAGE_BITS - 1))
def test_one_wrong_bit_is_rejected(mark_id: int, key: bytes, position: int) -> None:
    bits = keys.message_bits(mark_id, keys.schedule(key))
    bits[position] ^= 1
    assert keys.authentic_id(bits, keys.schedule(key)) is None


def test_the_data_of_consecutive_ids_average_out() -> None:
    """Nothing but the pilot is left in the mean of many marks."""
    schedule = keys.schedule(b"a key of thirty-two bytes length")
    mean = np.mean([keys.band_of(mark_id, schedule) for mark_id in range(400)], axis=0)
    np.testing.assert_allclose(mean[schedule.pilot], schedule.pilot_signs, atol=1e-5)
    assert np.abs(mean[schedule.data]).max() < 0.4
    assert np.abs(mean[schedule.data]).mean() < 0.1


def test_a_short_key_is_an_error() -> None:
    with pytest.raises(WatermarkError, match="16 bytes"):
        keys.schedule(b"fifteen bytes !")
