"""Training is deterministic, learns, keeps held-out rows out, and writes what moderation reads."""

import json
from pathlib import Path

import pytest

from safety import moderate
from safety.classifier import Classifier, load_classifier
from safety.training.__main__ import save
from safety.training.authored import authored_rows
from safety.training.card import write_card
from safety.training.data import DataError, Row, read_rows, split
from safety.training.evaluate import auroc, measure
from safety.training.fit import calibrate, fit

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
def trained(data: Path) -> Classifier:
    labelled, _ = split(read_rows(data))
    return calibrate(fit(labelled, seed=1), labelled, seed=1)


def test_the_same_seed_gives_the_same_weights(data: Path, trained: Classifier) -> None:
    labelled, _ = split(read_rows(data))
    again = fit(labelled, seed=1)
    assert (again.weights == trained.weights).all()
    assert (again.bias == trained.bias).all()


def test_held_out_rows_are_told_apart(data: Path, trained: Classifier, tmp_path: Path) -> None:
    labelled, test = split(read_rows(data))
    assert test
    assert not {row.text for row in labelled} & {row.text for row in test}
    assert not {row.group for row in labelled} & {row.group for row in test}
    save(trained, tmp_path / "weights.safetensors")
    loaded = load_classifier(tmp_path / "weights.safetensors")
    harm = loaded.scores([row.text for row in test]).max(axis=1)
    harmful = [row.harmful for row in test]
    assert auroc(harm[harmful], harm[[not flag for flag in harmful]]) > 0.99
    decision = moderate("a gruesome mangled violin", weights_path=tmp_path / "weights.safetensors")
    assert decision.action != "allow"


def test_the_card_carries_the_figures(data: Path, trained: Classifier, tmp_path: Path) -> None:
    weights, card = tmp_path / "weights.safetensors", tmp_path / "README.md"
    save(trained, weights)
    _, test = split(read_rows(data))
    metrics = measure(trained, weights, test)
    assert metrics.groups["ordinary prompts (en)"].stopped < 0.1
    assert metrics.groups["clear harm"].stopped > 0.9
    write_card(card, weights, 13, (160, len(test), 0, 0), metrics, {"a source": (12, 0.75)})
    text = card.read_text(encoding="utf-8")
    assert f"{metrics.auroc:.3f}" in text
    assert "| a source | 12 | 0.750 |" in text


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
