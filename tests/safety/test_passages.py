"""A prompt is judged whole and in parts; the encoder reads those that it could make harmful."""

import numpy as np
import pytest

from safety.classifier import (
    LEAST_SCORE,
    Classifier,
    load_classifier,
    mix,
    read_most_suspicious,
)
from safety.normalise import read
from safety.passages import PART_MARGIN, passages
from safety.policy import load_policy

FIRST = "A lighthouse keeper climbs the stairs with a lamp in his hand"
SECOND = "Far below the waves break over the rocks of the old harbour"
PROMPTS = [
    "a cat sleeps on a wall",
    f"{FIRST}. {SECOND}. Cinematic.",
    f"{FIRST}. A prisoner is beheaded on camera, every detail shown, blood everywhere. {SECOND}.",
    "a bank clerk on a video call asks the viewer for the code and the card number",
]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier()


def test_a_single_sentence_is_one_passage() -> None:
    assert list(passages(read(f"{FIRST}."))) == [f"{FIRST}."]
    assert list(passages(read("a cat\n  on a wall"))) == ["a cat on a wall"]


def test_short_sentences_are_no_passages_of_their_own() -> None:
    whole = f"At night. {FIRST}. {SECOND}. Cinematic. 4k."
    first, last = f"At night. {FIRST}.", f"{SECOND}. Cinematic. 4k."
    assert passages(read(whole)) == {whole: 0.0, first: PART_MARGIN, last: PART_MARGIN}


def test_a_prompt_without_words_still_has_a_passage() -> None:
    assert list(passages(read(""))) == [""]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_passages_that_are_not_read_could_not_have_counted(
    classifier: Classifier, prompt: str
) -> None:
    found = passages(read(prompt))
    margins = list(found.values())
    linear = classifier.ngrams.logits(list(found))[:, 0]
    least = classifier.calibration.least
    every = read_most_suspicious(classifier.encoder, found, linear, -np.inf)
    counted = read_most_suspicious(classifier.encoder, found, linear, least)
    assert counted.keys() <= every.keys()
    for number in every.keys() - counted.keys():
        assert mix(linear[number], every[number][0]) - margins[number] < least


def test_plainly_harmless_parts_are_not_read(classifier: Classifier) -> None:
    found = passages(read(". ".join([FIRST, SECOND] * 3)))
    linear = classifier.ngrams.logits(list(found))[:, 0]
    least = classifier.calibration.least
    assert len(found) > 1
    assert len(read_most_suspicious(classifier.encoder, found, linear, least)) < len(found)


def test_the_policy_asks_for_no_lower_scores_than_the_encoder_is_read_for() -> None:
    policy = load_policy()
    singly = [(levels.review, levels.block) for levels in policy.categories.values()]
    together = [rule.scores.values() for rule in (*policy.combinations, *policy.rendered_faces)]
    assert min(min(levels) for levels in [*singly, *together]) >= LEAST_SCORE
