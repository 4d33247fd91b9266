"""A policy file that changes while it is used: what is valid counts at once, nothing else does."""

import logging
from pathlib import Path

import pytest

from safety import moderate
from safety.policy import POLICY_PATH, PolicyError, load_policy
from safety.policy_file import policy_file

SHIPPED = POLICY_PATH.read_text(encoding="utf-8")
STRICT = SHIPPED.replace(
    "likeness:       {review: 0.5, block: never}", "likeness: {block: 0.5, review: 0.5}"
)
NAMED = "Tom Hanks walks his dog in a park"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(SHIPPED, encoding="utf-8")
    return path


def test_a_changed_file_is_in_force_at_once(path: Path) -> None:
    before = moderate(NAMED, policy_path=path)
    path.write_text(STRICT, encoding="utf-8")
    after = moderate(NAMED, policy_path=path)
    assert (before.action, after.action) == ("review", "block")
    assert before.policy_version != after.policy_version


@pytest.mark.parametrize("broken", ["", "version: x", "a: [", "when: 2026-99-99", "[" * 5000, None])
def test_the_last_good_policy_outlives_a_bad_file(
    path: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = policy_file(path)
    good = file.current()
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken, encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert file.current() is good
        assert file.current() is good
    (record,) = caplog.records  # once for each change, not for each prompt
    assert str(path) in record.getMessage()
    assert "refused" in record.getMessage()
    path.write_text(STRICT, encoding="utf-8")
    assert file.current().version == load_policy(path).version


def test_a_policy_that_never_loaded_blocks_until_it_does(path: Path) -> None:
    path.write_text("version: x", encoding="utf-8")
    decision = moderate("a cat", policy_path=path)
    assert (decision.action, decision.reasons[0].rule) == ("block", "input.unanswered")
    with pytest.raises(PolicyError, match="missing key"):
        policy_file(path).current()
    path.write_text(SHIPPED, encoding="utf-8")
    assert moderate("a cat", policy_path=path).action == "allow"


def test_any_change_changes_the_version(path: Path) -> None:
    version = load_policy(path).version
    assert version.startswith("2026-11.3-")
    path.write_text(SHIPPED + "# checked\n", encoding="utf-8")
    assert load_policy(path).version != version
