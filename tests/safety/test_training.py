"""Training is deterministic, learns, keeps held-out rows out, and writes what moderation reads."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from safety.classifier import ENCODER_FILE, TOKENIZER_FILE, WEIGHTS_PATH
from safety.encoder import encoder_of
from safety.passages import WINDOW_WORDS
from safety.training.__main__ import save
from safety.training.authored import authored_rows
from safety.training.calibrate import calibrate
from safety.training.card import write_card
from safety.training.data import DataError, Row, read_rows, split
from safety.training.evaluate import measure
from safety.training.fit import fit
from safety.training.padded import padded_rows
from safety.training.targets import most_suspicious_parts, with_harmless_parts

SUBJECTS = ["cat", "dog", "lamp", "river", "train", "kite", "teapot", "ladder", "violin", "garden"]
SCENES = ["at dawn", "on a hill", "in the fog", "by the sea", "in winter"]


def rows(path: Path) -> Path:
    """200 prompts: half about gruesome statues, half about pretty ones."""
    lines = [
        {
            "text": f"a {adjective} {subject} {scene} number {number}",
            "label": label,
            "categories": categories,
            "source": "made",
            "domain": "t2v",
            "tier": tier,
            "lang": "en",
            "group": f"{label}{subject}{scene}{number}",
        }
        for subject in SUBJECTS
        for scene in SCENES
        for number in range(2)
        for adjective, label, categories, tier in (
            ("pretty", "allow", [], "benign"),
            ("gruesome mangled", "block", ["disturbing"], "clear"),
        )
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rows(tmp_path_factory.mktemp("training") / "rows.jsonl")


@pytest.fixture(scope="module")
def weights(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """N-grams fitted to the rows beside the shipped encoder."""
    parts = split(read_rows(data))
    ngrams = fit(parts.training, seed=1)
    files = [WEIGHTS_PATH.with_name(name).read_bytes() for name in (ENCODER_FILE, TOKENIZER_FILE)]
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save(ngrams, calibrate(ngrams, encoder_of(*files), parts.calibration), *files, path)
    return path


def test_the_same_seed_gives_the_same_weights(data: Path) -> None:
    first, second = (fit(split(read_rows(data)).training, seed=1) for _ in range(2))
    assert (first.weights == second.weights).all()
    assert (first.bias == second.bias).all()


def test_the_parts_have_nothing_in_common(data: Path) -> None:
    parts = split(read_rows(data))
    every = (parts.training, parts.calibration, parts.test)
    assert all(every)
    for one, other in combinations(every, 2):
        assert not {row.text for row in one} & {row.text for row in other}
        assert not {row.group for row in one} & {row.group for row in other}


def test_parts_of_harmless_prompts_are_learnt_as_harmless() -> None:
    long = ". ".join(
        f"a cat number {number} sleeps on a wide and sunny wall" for number in range(9)
    )
    row = Row(long, "allow", (), "made", "t2v", "benign", "en", "g")
    parts = with_harmless_parts([row])
    assert parts[0] == row
    assert len(parts) > 9
    harmful = replace(row, label="block")
    assert with_harmless_parts([harmful]) == [harmful]


def test_the_encoder_learns_from_one_part_of_a_harmless_prompt(data: Path) -> None:
    ngrams = fit(split(read_rows(data)).training, seed=1)
    pretty = "a pretty cat sits by the sea and looks at the kite in the fog. " * 3
    worst = "a gruesome mangled cat sits by the sea and looks at the kite."
    row = Row(f"{pretty}{worst}", "allow", (), "made", "t2v", "benign", "en", "g")
    harmful = replace(row, label="block")
    (part,) = most_suspicious_parts([row, harmful], ngrams)
    assert worst in part.text
    assert part.text != row.text
    assert not part.harmful


def test_padded_rows_are_balanced_and_keep_what_they_pad(data: Path) -> None:
    training = split(read_rows(data)).training
    child = Row("a child on a swing", "allow", (), "made", "t2v", "benign", "en", "h")
    padded = padded_rows([*training, child], seed=1)
    assert padded == padded_rows([*training, child], seed=1)
    assert sum(row.harmful for row in padded) * 2 == len(padded) > 10
    originals = {(row.group, row.label): row.text for row in training}
    for row in padded:
        assert originals[row.group, row.label] in row.text
        assert "child" not in row.text
        assert len(row.text.split()) <= WINDOW_WORDS
        assert not row.is_ordinary
        assert not row.is_clear_harm


def test_training_moves_the_scores_and_the_card_says_how_far(
    data: Path, weights: Path, tmp_path: Path
) -> None:
    parts = split(read_rows(data))
    metrics = measure(weights, parts.test)
    assert metrics.auroc > 0.99
    card = tmp_path / "README.md"
    rows = {"training": 120, "calibration": 20, "test": 60, "authored": 7, "copies": 5, "padded": 4}
    write_card(card, weights, rows, metrics)
    text = card.read_text(encoding="utf-8")
    assert f"{metrics.auroc:.3f}" in text
    assert "120 training rows, 20 to calibrate with" in text


def test_authored_rows_are_reproducible_and_balanced() -> None:
    authored = authored_rows(3)
    assert authored == authored_rows(3)
    assert authored != authored_rows(4)
    harmful = sum(row.harmful for row in authored)
    assert 0.1 < harmful / len(authored) < 0.5
    assert not any("{" in row.text for row in authored)


@pytest.mark.parametrize("line", ["{", "[]", '{"text": "a"}'])
def test_bad_lines_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        read_rows(path)


def test_rows_of_one_sided_languages_are_left_out(tmp_path: Path) -> None:
    row = Row("x", "block", (), "made", "chat", "clear", "sw", "g")
    fields = {**row.__dict__, "lang": row.language}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(fields), encoding="utf-8")
    assert read_rows(path) == []
