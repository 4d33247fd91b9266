import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from provenance.watermark import code

messages = npst.arrays(np.uint8, st.integers(1, 120), elements=st.integers(0, 1))


@given(messages)
def test_an_undamaged_word_decodes_to_its_message(message: np.ndarray) -> None:
    word = code.encode(message)
    assert word.shape == (code.code_length(message.size),)
    np.testing.assert_array_equal(code.decode(1 - 2 * word.astype(np.float32)), message)


@given(messages, messages)
def test_the_code_is_linear(first: np.ndarray, second: np.ndarray) -> None:
    size = min(first.size, second.size)
    first, second = first[:size], second[:size]
    np.testing.assert_array_equal(
        code.encode(first) ^ code.encode(second), code.encode(first ^ second)
    )


def test_the_free_distance_is_that_of_the_standard_code() -> None:
    """18 for generators 557, 663, 711: any 8 errors are corrected."""
    short = (np.arange(1, 4096)[:, None] >> np.arange(12)) & 1
    assert min(code.encode(m.astype(np.uint8)).sum() for m in short) == 18


@given(messages, st.data())
def test_any_eight_flipped_bits_are_corrected(message: np.ndarray, data: st.DataObject) -> None:
    soft = 1 - 2 * code.encode(message).astype(np.float32)
    flipped = data.draw(st.sets(st.integers(0, soft.size - 1), max_size=8))
    soft[list(flipped)] *= -1
    np.testing.assert_array_equal(code.decode(soft), message)


@pytest.mark.parametrize("seed", range(5))
def test_noise_nearly_as_loud_as_the_signal_is_corrected(seed: int) -> None:
    random = np.random.default_rng(seed)
    message = random.integers(0, 2, 96).astype(np.uint8)
    soft = 1 - 2 * code.encode(message).astype(np.float32)
    soft += random.normal(0, 0.9, soft.size).astype(np.float32)
    np.testing.assert_array_equal(code.decode(soft), message)
