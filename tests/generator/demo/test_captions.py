"""Captions of the demo's scenes: many, complete, unmistakable and short."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import T5Tokenizer

from generator.demo.captions import caption, loose_caption
from generator.demo.everyday import VOCABULARY, anything, distracted
from generator.demo.tokenizer import MAX_TOKENS, tokenizer
from generator.demo.wordings import ADVERBS, COLOURS, PACELESS, PACES, SHAPES, SIZES
from generator.demo.world import BACKGROUNDS, MOTIONS, PLAIN, Scene, Thing, sample

WORDS = tokenizer()
MENTIONS = {
    "right": r"\bright(wards?)?\b",
    "left": r"\bleft(wards?)?\b",
    "up": r"\b(up(wards?)?|top|ris\w+|climb\w*|ascend\w*)\b",
    "down": r"\b(down(wards?)?|bottom|fall\w*|sink\w*|drop\w*|descend\w*)\b",
    "up right": r"\b(up|upper|top)\b.*\bright\b|\bright and up\b",
    "up left": r"\b(up|upper|top)\b.*\bleft\b|\bleft and up\b",
    "down right": r"\b(down|lower|bottom)\b.*\bright\b|\bright and down\b",
    "down left": r"\b(down|lower|bottom)\b.*\bleft\b|\bleft and down\b",
    "circle": r"\b(in a circle|circles|circular|along a circle|round|circl\w+|orbit\w*|loop\w*)\b",
    "bounce": r"\b(bounc\w+|jump\w*|hop\w*|up and down)\b",
    "grow": r"\b(grow\w*|expand\w*|swell\w*|larger|bigger)\b",
    "shrink": r"\b(shrink\w*|contract\w*|smaller|tinier)\b",
    "rotate": r"\b(spin\w*|rotat\w+|turn\w*|twirl\w*)\b",
    "still": "",
    "meadow": r"\b(meadow|grass|grassy|field|lawn)\b",
    "sea": r"\b(sea|ocean|water|beach)\b",
    "sunset": r"\b(sunset|evening|dusk|sun sets)\b",
    "night": r"\b(night|moon|moonlight|midnight|moonlit)\b",
    "rain": r"\b(rain\w*)\b",
}
CHOICES = [(motion, "white") for motion in MOTIONS] + [("still", place) for place in BACKGROUNDS]
seeds = st.integers(0, 2**32 - 1)


def scene_of(shape="star", colour="red", motion="still", background="white") -> Scene:
    looks = (shape, colour, "medium", motion, "normal")
    return Scene(background, (Thing(*looks, 96.0, 64.0, 20.0, 1.0),), 0)


@pytest.mark.parametrize(("motion", "background"), CHOICES)
def test_a_scene_has_many_wordings(motion, background):
    random = np.random.default_rng(0)
    scene = scene_of(motion=motion, background=background)
    assert len({caption(scene, random) for _ in range(300)}) >= 200


@given(seeds)
def test_a_caption_names_what_is_to_be_seen(seed):
    scene = sample(seed)
    text = caption(scene, np.random.default_rng(seed)).lower()
    for thing in scene.things:
        assert names(text, COLOURS[thing.colour])
        assert names(text, SHAPES[thing.shape])
        assert re.search(MENTIONS[thing.motion], text)
    plain = COLOURS.get(scene.background)
    assert names(text, plain) if plain else re.search(MENTIONS[scene.background], text)


def names(text: str, synonyms: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{synonym}\b", text) for synonym in synonyms)


@pytest.mark.parametrize("table", [SHAPES, COLOURS])
def test_no_word_stands_for_two_things(table):
    every = [synonym for synonyms in table.values() for synonym in synonyms]
    assert len(every) == len(set(every))


@given(seeds)
def test_sizes_and_speeds_are_named_unless_they_are_usual(seed):
    scene = sample(seed)
    text = caption(scene, np.random.default_rng(seed)).lower()
    for thing in scene.things:
        if thing.size != "medium":
            assert names(text, SIZES[thing.size])
        if thing.speed != "normal" and thing.motion not in PACELESS:
            assert names(text, ADVERBS[thing.speed] + PACES[thing.speed])
    if all(thing.size == "medium" for thing in scene.things):
        assert not names(text, SIZES["small"] + SIZES["large"])


def test_no_two_scenes_share_a_caption():
    random = np.random.default_rng(3)
    meant: dict[str, tuple[str, ...]] = {}
    for _ in range(200):
        for motion, background in CHOICES:
            text = caption(scene_of(motion=motion, background=background), random).lower()
            assert meant.setdefault(text, (motion, background)) == (motion, background)


@given(seeds)
def test_a_caption_is_whole_words(seed):
    text = caption(sample(seed), np.random.default_rng(seed))
    ids = WORDS(text).input_ids
    for piece in WORDS.convert_ids_to_tokens(ids):
        assert re.fullmatch(r"▁.+|[.,]|</s>", piece)
    assert len(ids) < 48


def test_hardly_any_caption_is_cut():
    texts = [caption(sample(seed), np.random.default_rng(seed)) for seed in range(2000)]
    cut = [text for text in texts if len(WORDS(text).input_ids) > MAX_TOKENS]
    assert len(cut) <= 4, cut


def test_the_first_thing_comes_first():
    random = np.random.default_rng(1)
    pairs = [scene for scene in map(sample, range(200)) if len(scene.things) == 2]
    plain = [scene for scene in pairs if scene.background in PLAIN]
    assert plain
    for scene in plain:
        text = caption(scene, random).lower()
        first, second = (
            re.search(rf"\b({'|'.join(COLOURS[thing.colour])})\b", text) for thing in scene.things
        )
        assert first.start() < second.start(), text


def test_a_loose_caption_leaves_something_unsaid():
    random = np.random.default_rng(2)
    scene = scene_of("star", "purple", "bounce", "rain")
    texts = [loose_caption(scene, random).lower() for _ in range(200)]
    for text in texts:
        told = (
            names(text, COLOURS["purple"]),
            names(text, SHAPES["star"]),
            re.search(MENTIONS["bounce"], text),
            re.search(MENTIONS["rain"], text),
        )
        assert not all(told), text
    assert sum("purple" in text for text in texts) > 50


@given(seeds)
def test_distraction_changes_one_or_two_words(seed):
    text = caption(sample(seed), np.random.default_rng(seed))
    before, after = (
        Counter(text.split()),
        Counter(distracted(text, np.random.default_rng(seed)).split()),
    )
    assert 1 <= (after - before).total() <= 2
    assert (before - after).total() <= 2


@given(seeds)
def test_an_everyday_prompt_is_known_words_without_a_shape(seed):
    text = anything(np.random.default_rng(seed)).lower()
    words = re.findall(r"[a-z0-9]+", text)
    assert set(words) <= set(VOCABULARY)
    assert not {word for names in SHAPES.values() for word in names} & set(words)


def test_the_tokenizer_is_the_same_after_saving(tmp_path):
    WORDS.save_pretrained(tmp_path)
    stored = T5Tokenizer.from_pretrained(tmp_path)
    for text in ("A Red circle moves right.", "Zigzag, in 4k", "猫 left"):
        assert stored(text).input_ids == WORDS(text).input_ids


def test_capitals_keep_words_whole():
    pieces = WORDS.convert_ids_to_tokens(WORDS("Crimson Ball Bouncing").input_ids)
    assert pieces == ["▁Crimson", "▁Ball", "▁Bouncing", "</s>"]
