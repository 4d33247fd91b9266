"""The policy table: what each score leads to, and which files are refused."""

import math
from pathlib import Path

import pytest
import yaml

from safety.policy import POLICY_PATH, Policy, PolicyError, decide, load_policy
from safety.taxonomy import CONTENT_CATEGORIES, TAXONOMY


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def scores(**given: float) -> dict[str, float]:
    return dict.fromkeys(TAXONOMY, 0.0) | given


def test_nothing_reached_allows_without_reasons(policy: Policy) -> None:
    assert decide(scores(), policy) == ("allow", [])


@pytest.mark.parametrize("category", CONTENT_CATEGORIES)
def test_content_thresholds(category: str, policy: Policy) -> None:
    limits = policy.categories[category]
    assert decide(scores(**{category: limits.review - 0.01}), policy)[0] == "allow"
    action, reasons = decide(scores(**{category: limits.review}), policy)
    assert action == "review"
    assert reasons[0].category == category
    assert reasons[0].threshold == limits.review
    expected = "review" if math.isinf(limits.block) else "block"
    assert decide(scores(**{category: 1.0}), policy)[0] == expected


@pytest.mark.parametrize(
    ("given", "action"),
    [
        ({"likeness": 0.95}, "review"),
        ({"likeness": 0.45}, "allow"),
        ({"minors": 1.0}, "allow"),
        ({"minors": 1.0, "sexual": 0.35}, "block"),
        ({"minors": 0.5, "sexual": 1.0}, "block"),
        ({"minors": 1.0, "ncii": 0.35}, "block"),
        ({"likeness": 0.45, "sexual": 0.35}, "block"),
        ({"likeness": 0.95, "ncii": 0.35}, "block"),
        ({"likeness": 0.8, "political": 0.45}, "block"),
        ({"likeness": 0.8, "misinformation": 0.45}, "block"),
        ({"likeness": 0.45, "fraud": 0.45}, "block"),
        ({"political": 0.45}, "allow"),
        ({"minors": 1.0, "sexual": 0.05}, "allow"),
    ],
)
def test_combinations(given: dict[str, float], action: str, policy: Policy) -> None:
    assert decide(scores(**given), policy)[0] == action


def test_the_most_severe_reason_comes_first_and_reads_as_a_sentence(policy: Policy) -> None:
    action, reasons = decide(scores(likeness=0.95, violence=0.9, ip=0.6), policy)
    assert action == "block"
    assert [reason.action for reason in reasons] == ["block", "review", "review"]
    for reason in reasons:
        assert reason.message.startswith("The request")
        assert reason.message.endswith(".")
        assert reason.score >= reason.threshold


def test_a_score_that_is_not_a_number_stops_the_prompt(policy: Policy) -> None:
    assert decide(scores(violence=math.nan), policy)[0] == "block"


def changed(tmp_path: Path, *keys: str, value: object) -> Path:
    document = yaml.safe_load(POLICY_PATH.read_text(encoding="utf-8"))
    target = document
    for key in keys[:-1]:
        target = target[int(key) if isinstance(target, list) else key]
    target[keys[-1]] = value
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("keys", "value", "named"),
    [
        (("surprise",), 1, "surprise"),
        (("version",), "", "version"),
        (("max_characters",), 0, "max_characters"),
        (("max_characters",), True, "max_characters"),
        (("languages",), [], "languages"),
        (("languages",), "en", "languages"),
        (("languages",), ["english"], "languages"),
        (("min_readable_share",), 2, "min_readable_share"),
        (("obfuscation_review",), "never", "obfuscation_review"),
        (("guard_unclassified_review",), 2, "guard_unclassified_review"),
        (("guard_unanswered",), "allow", "guard_unanswered"),
        (("categories", "cooking"), {"review": 0.1, "block": 0.2}, "cooking"),
        (("categories", "hate"), {"review": 0.1}, "categories.hate: missing key block"),
        (("categories", "hate", "review"), 7, "categories.hate.review"),
        (("categories", "hate", "block"), "sometimes", "categories.hate.block"),
        (("categories", "hate"), {"review": 0.9, "block": 0.2}, "categories.hate.review"),
        (("combinations",), {}, "combinations"),
        (("combinations", "0", "action"), "allow", r"combinations\[0\].action"),
        (("combinations", "0", "all"), {"cooking": 0.1}, r"combinations\[0\].all.*cooking"),
        (("combinations", "1", "all"), {}, r"combinations\[1\].all"),
        (("combinations", "0", "extra"), 1, "extra"),
        (("rendered_faces", "0", "all", "sexual"), -1, r"rendered_faces\[0\].all.sexual"),
    ],
)
def test_errors_name_the_key(
    tmp_path: Path, keys: tuple[str, ...], value: object, named: str
) -> None:
    with pytest.raises(PolicyError, match=named):
        load_policy(changed(tmp_path, *keys, value=value))


def test_a_missing_category_is_an_error(tmp_path: Path) -> None:
    document = yaml.safe_load(POLICY_PATH.read_text(encoding="utf-8"))
    del document["categories"]["fraud"]
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(PolicyError, match="fraud"):
        load_policy(path)


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"a: [", b"\xff\xfe\x00"])
def test_files_that_are_no_policy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyError):
        load_policy(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"none\.yaml"):
        load_policy(tmp_path / "none.yaml")
