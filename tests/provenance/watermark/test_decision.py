import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.watermark import decision

scores = st.floats(0, 40)
counts = st.floats(1, 1e15)


def test_presence_is_the_union_bound_over_hypotheses() -> None:
    expected = math.log10(6 * 131072 * math.exp(-(9.0**2) / 2))
    assert decision.log10_presence(9.0, 131072) == pytest.approx(expected)


def test_an_id_without_pilot_is_the_union_bound_over_ids() -> None:
    tail = math.log(2**64) - 14.0**2 / 2
    expected = math.log10(6 * math.exp(tail) * (1 - tail))
    assert decision.log10_id(0.0, 131072, 14.0, 1) == pytest.approx(expected)


@pytest.mark.parametrize("score", [-3.0, 0.0, 4.5])
def test_scores_that_chance_reaches_prove_nothing(score: float) -> None:
    assert decision.log10_presence(score, 131072) == 0
    assert decision.log10_id(score, 131072, 9.4, 1) == 0


@given(scores, scores, counts, st.integers(1, 10**6))
def test_more_evidence_and_fewer_trials_never_weaken_the_proof(
    pilot: float, data: float, places: float, attempts: int
) -> None:
    bound = decision.log10_id(pilot, places, data, attempts)
    assert decision.log10_id(pilot + 1, places, data, attempts) <= bound
    assert decision.log10_id(pilot, places, data + 1, attempts) <= bound
    assert decision.log10_id(pilot, places * 2, data, attempts) >= bound
    assert decision.log10_id(pilot, places, data, attempts + 1) >= bound


def test_the_threshold_is_one_in_a_billion() -> None:
    assert decision.proves(-9.0)
    assert not decision.proves(-8.9)
