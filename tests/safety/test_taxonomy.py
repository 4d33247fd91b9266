"""The taxonomy is complete, and its OpenAI names follow the scores."""

import pytest
from openai.types.moderation import Categories

from safety.taxonomy import CONTENT_CATEGORIES, TAXONOMY, openai_categories

NAMES = {
    "likeness", "ncii", "sexual", "minors", "violence", "hate", "self_harm", "political",
    "misinformation", "fraud", "weapons", "illegal", "privacy", "ip", "disturbing",
}  # fmt: skip
AILUMINATE = {
    "vcr", "ncr", "src", "cse", "ssh", "iwp", "ipv", "dfm", "prv", "hte", "sxc_prn", "spc_ele",
}  # fmt: skip


def test_all_categories_are_there_and_documented() -> None:
    assert set(TAXONOMY) == NAMES
    for category in TAXONOMY.values():
        assert category.description.endswith(".")
        assert category.example
        assert category.counter_example
        assert set(category.hazards) <= AILUMINATE
    assert set(TAXONOMY) - set(CONTENT_CATEGORIES) == {"likeness", "minors"}


def test_openai_names_are_those_of_the_openai_package() -> None:
    names = {field.alias or name for name, field in Categories.model_fields.items()}
    assert set(openai_categories(dict.fromkeys(TAXONOMY, 0.0))) == names
    assert len(names) == 13


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"violence": 0.9}, {"violence"}),
        ({"violence": 0.9, "disturbing": 0.9}, {"violence", "violence/graphic"}),
        ({"ncii": 0.9}, {"sexual", "harassment"}),
        ({"minors": 0.9}, set()),
        ({"fraud": 0.9}, {"illicit"}),
        ({"weapons": 0.9}, {"illicit", "illicit/violent"}),
        ({"self_harm": 0.9}, {"self-harm", "self-harm/intent", "self-harm/instructions"}),
        ({"likeness": 0.9, "political": 0.9, "misinformation": 0.9, "ip": 0.9}, set()),
    ],
)
def test_openai_scores(given: dict[str, float], expected: set[str]) -> None:
    mapped = openai_categories(dict.fromkeys(TAXONOMY, 0.0) | given)
    assert {name for name, score in mapped.items() if score > 0.5} == expected


def test_sexual_minors_needs_both() -> None:
    none = dict.fromkeys(TAXONOMY, 0.0)
    assert openai_categories(none | {"minors": 1.0, "sexual": 0.4})["sexual/minors"] == 0.4
