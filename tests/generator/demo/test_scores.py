"""The evaluation's arithmetic, against published intervals and every possible shuffle."""

from itertools import permutations

import pytest

from generator.demo.scores import score, wilson


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (29, 29, 0.8830, 1)],
)
def test_intervals_are_those_of_newcombe_1998(right, of, low, high):
    assert wilson(right, of) == pytest.approx((low, high), abs=5e-5)


def test_chance_is_the_average_share_of_shuffled_answers():
    asked = ["left", "left", "up", "still", "left"]
    seen = ["left", "up", "up", "left", "grow"]
    shuffled = [
        sum(a == s for a, s in zip(asked, answers, strict=True)) / 5
        for answers in permutations(seen)
    ]
    result = score(asked, seen)
    assert (result.right, result.share) == (2, 0.4)
    assert result.chance == pytest.approx(sum(shuffled) / len(shuffled))
