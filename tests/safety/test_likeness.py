"""Real people are found; invented, historical and first-name-only ones are not."""

import pytest

from safety.likeness import anonymised, find_likenesses


def strongest(text: str) -> float:
    return max((person.score for person in find_likenesses(text)), default=0.0)


@pytest.mark.parametrize(
    "prompt",
    [
        "taylor swift walks her dog",
        "Emmanuel Macron rides a scooter",
        "the president of France feeds pigeons",
        "the German chancellor plays chess",
        "the 45th US president on a golf course",
        "Marianne is here with Julia Schneider from accounting",
        "President Obama speaks at a podium",
        "my neighbour Paolo mows the lawn",
        "our boss Ingrid dances on a table",
        "the CEO of Acme juggles",
        "swap the actor's face with somebody else",
    ],
)
def test_real_people(prompt: str) -> None:
    assert strongest(prompt) >= 0.5


@pytest.mark.parametrize(
    "prompt",
    [
        "a girl named Alice flies a kite",
        "Sherlock Holmes in foggy London",
        "Zeus throws a thunderbolt at Paris",
        "a village in the style of Thomas Baker",
        "Albert Einstein rides a bicycle",
        "a cartoon president of a moon republic",
        "the king of spades on a card table",
        "Victoria Falls at dawn, New York at night, Golden Gate Bridge",
        "my dog and my grandmother on the porch",
        "George Street in the rain",
        "a queen bee and her hive",
    ],
)
def test_nobody_in_particular(prompt: str) -> None:
    assert strongest(prompt) < 0.4


def test_a_relation_without_a_name_only_counts_in_combination() -> None:
    assert 0.4 <= strongest("my ex-girlfriend cooks dinner") < 0.5


def test_names_are_replaced_and_the_rest_is_kept() -> None:
    assert anonymised("Taylor Swift and Julia Schneider meet Alice") == (
        "a person and a person meet Alice"
    )


def test_the_name_is_located() -> None:
    text = "a clip of Julia Schneider, smiling"
    (person,) = find_likenesses(text)
    assert text[person.start : person.end] == "Julia Schneider"
