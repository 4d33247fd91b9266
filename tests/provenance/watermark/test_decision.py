import math

import pytest

from provenance.watermark import decision


def test_the_bound_is_the_union_bound_over_hypotheses() -> None:
    expected = math.log10(2 * 131072 * math.exp(-(9.0**2) / 2))
    assert decision.log10_bound(9.0, 131072, authentic=False) == pytest.approx(expected)


def test_an_authentic_id_counts_32_bits() -> None:
    alone = decision.log10_bound(9.0, 131072, authentic=False)
    with_id = decision.log10_bound(9.0, 131072, authentic=True)
    assert alone - with_id == pytest.approx(32 * math.log10(2))


@pytest.mark.parametrize("score", [-3.0, 0.0, 4.5])
def test_scores_that_chance_reaches_prove_nothing(score: float) -> None:
    assert decision.log10_bound(score, 131072, authentic=False) == 0


def test_a_right_tag_alone_is_no_proof() -> None:
    assert not decision.proves(decision.log10_bound(4.0, 131072, authentic=True))
    assert decision.proves(decision.log10_bound(5.5, 131072, authentic=True))
    assert not decision.proves(decision.log10_bound(5.5, 131072, authentic=False))
