import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from provenance.watermark import code

messages = npst.arrays(np.uint8, st.integers(16, 120), elements=st.integers(0, 1))


def likeliest(soft: np.ndarray) -> np.ndarray:
    return next(code.decode(soft))


@given(messages)
def test_an_undamaged_word_decodes_to_its_message(message: np.ndarray) -> None:
    word = code.encode(message)
    assert word.shape == (code.code_length(message.size),)
    np.testing.assert_array_equal(likeliest(1 - 2 * word.astype(np.float32)), message)


@given(messages, messages)
def test_the_code_is_linear(first: np.ndarray, second: np.ndarray) -> None:
    size = min(first.size, second.size)
    first, second = first[:size], second[:size]
    np.testing.assert_array_equal(
        code.encode(first) ^ code.encode(second), code.encode(first ^ second)
    )


@given(messages, st.integers(0, 119))
def test_turning_the_message_turns_the_word(message: np.ndarray, turn: int) -> None:
    """Tail biting: no bit is protected less for being first or last."""
    turned = code.encode(np.roll(message, turn))
    np.testing.assert_array_equal(
        turned, np.roll(code.encode(message), turn * len(code.GENERATORS))
    )


def test_the_free_distance_is_that_of_the_standard_code() -> None:
    """24 for generators 765, 671, 513, 473: any 11 errors are corrected."""
    short = (np.arange(1, 4096)[:, None] >> np.arange(12)) & 1
    padded = np.pad(short, ((0, 0), (0, 20))).astype(np.uint8)
    assert min(code.encode(message).sum() for message in padded) == 24


@settings(deadline=None)
@given(
    npst.arrays(np.uint8, 96, elements=st.integers(0, 1)),
    st.sets(st.integers(0, 383), max_size=11),
)
def test_any_eleven_flipped_bits_are_corrected(message: np.ndarray, flipped: set[int]) -> None:
    soft = 1 - 2 * code.encode(message).astype(np.float32)
    soft[list(flipped)] *= -1
    np.testing.assert_array_equal(likeliest(soft), message)


def test_noise_louder_than_the_signal_leaves_the_message_in_the_list() -> None:
    random = np.random.default_rng(1)
    first = listed = 0
    for _ in range(50):
        message = random.integers(0, 2, 96).astype(np.uint8)
        soft = 1 - 2 * code.encode(message).astype(np.float32)
        soft += random.normal(0, 1.45, soft.size).astype(np.float32)
        candidates = list(code.decode(soft))
        assert len(candidates) <= code.MOST_CANDIDATES
        matches = [np.array_equal(candidate, message) for candidate in candidates]
        first += bool(matches) and matches[0]
        listed += any(matches)
    assert listed >= 30
    assert listed > first


def test_pure_noise_is_survived() -> None:
    for soft in (np.zeros(384, np.float32), np.full(384, -1, np.float32)):
        assert all(candidate.shape == (96,) for candidate in code.decode(soft))
