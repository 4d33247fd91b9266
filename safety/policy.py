"""The moderation policy: a validated file, and the pure function that applies it to scores."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from safety.decision import SEVERITY, Action, Reason
from safety.taxonomy import TAXONOMY

POLICY_PATH = Path(__file__).with_name("policy.yaml")
"""The shipped policy."""

_NEVER = math.inf


class PolicyError(ValueError):
    """The policy file is missing or invalid. The message names the key and what it must be."""


@dataclass(frozen=True)
class Thresholds:
    """Scores (0..1) from which a category is reviewed or blocked; infinity means never."""

    review: float
    block: float


@dataclass(frozen=True)
class Combination:
    """`action` is taken when every category of `scores` reaches its score (0..1)."""

    id: str
    action: Action
    scores: Mapping[str, float]

    def matches(self, scores: Mapping[str, float], unreleased_likeness: float) -> bool:
        """Whether `scores`, which names every taxonomy category, reaches all of them.

        A rule about likeness by itself sees only people whose likeness is not released; together
        with anything else, it sees everybody.
        """
        if set(self.scores) == {"likeness"}:
            return unreleased_likeness >= self.scores["likeness"]
        return all(scores[name] >= level for name, level in self.scores.items())


@dataclass(frozen=True)
class Policy:
    """A validated policy; the fields are those of policy.yaml, which explains them. `version` ends
    with the beginning of the file's SHA-256, so that no change goes by unnoticed."""

    version: str
    max_characters: int
    languages: frozenset[str]
    min_readable_share: float
    obfuscation_review: float
    guard_unclassified_review: float
    guard_unanswered: Literal["review", "block"]
    categories: Mapping[str, Thresholds]
    combinations: tuple[Combination, ...]
    rendered_faces: tuple[Combination, ...]


def load_policy(path: Path = POLICY_PATH) -> Policy:
    """Read and validate a policy file. Raises PolicyError; unknown keys are errors."""
    try:
        content = path.read_bytes()
        document = yaml.safe_load(content.decode())
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise PolicyError(f"cannot read the policy file {path}: {error}") from error
    fields = mapping(document, "policy", set(Policy.__dataclass_fields__))
    categories = mapping(fields["categories"], "categories", set(TAXONOMY))
    limit = fields["max_characters"]
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise PolicyError(f"max_characters: must be a positive whole number, not {limit!r}")
    if fields["guard_unanswered"] not in ("review", "block"):
        raise PolicyError(
            f"guard_unanswered: must be review or block, not {fields['guard_unanswered']!r}"
        )
    if not isinstance(fields["version"], str) or not fields["version"]:
        raise PolicyError(f"version: must be a non-empty text, not {fields['version']!r}")
    return Policy(
        version=f"{fields['version']}-{hashlib.sha256(content).hexdigest()[:12]}",
        max_characters=limit,
        languages=_languages(fields["languages"]),
        min_readable_share=_score(fields["min_readable_share"], "min_readable_share"),
        obfuscation_review=_score(fields["obfuscation_review"], "obfuscation_review"),
        guard_unclassified_review=_score(
            fields["guard_unclassified_review"], "guard_unclassified_review"
        ),
        guard_unanswered=fields["guard_unanswered"],
        categories={
            name: thresholds(value, f"categories.{name}") for name, value in categories.items()
        },
        combinations=_combinations(fields["combinations"], "combinations"),
        rendered_faces=_combinations(fields["rendered_faces"], "rendered_faces"),
    )


def decide(
    scores: Mapping[str, float], policy: Policy, unreleased_likeness: float | None = None
) -> tuple[Action, list[Reason]]:
    """Apply a policy to category scores: the worst action, and its reasons, most severe first.

    `scores` names every taxonomy category (0..1); a score that is not a number counts as 1, so
    that a broken model stops prompts instead of passing them. `unreleased_likeness` is the score
    of the people whose likeness is not released; None means of all. Raises KeyError if a score is
    missing.
    """
    known = {name: 1.0 if math.isnan(scores[name]) else scores[name] for name in TAXONOMY}
    if unreleased_likeness is None:
        unreleased_likeness = known["likeness"]
    by_itself = known | {"likeness": unreleased_likeness}
    reasons = [
        *_combination_reasons(known, unreleased_likeness, policy),
        *_category_reasons(by_itself, policy),
    ]
    reasons.sort(key=lambda reason: -SEVERITY[reason.action])
    return (reasons[0].action if reasons else "allow"), reasons


def _category_reasons(scores: Mapping[str, float], policy: Policy) -> Iterator[Reason]:
    for name, levels in policy.categories.items():
        score = scores[name]
        title = TAXONOMY[name].title
        about = TAXONOMY[name].description.split(":")[0].rstrip(".")
        if score >= levels.block:
            message = f"The request falls under “{title}”, which is not allowed ({about})."
            yield Reason(name, "block", score, levels.block, f"category.{name}", message)
        elif score >= levels.review:
            message = f"The request may fall under “{title}” and needs a moderator ({about})."
            yield Reason(name, "review", score, levels.review, f"category.{name}", message)


def _combination_reasons(
    scores: Mapping[str, float], unreleased_likeness: float, policy: Policy
) -> Iterator[Reason]:
    for rule in policy.combinations:
        if rule.matches(scores, unreleased_likeness):
            weakest = min(rule.scores, key=lambda name: scores[name])
            titles = " and ".join(f"“{TAXONOMY[name].title}”" for name in rule.scores)
            outcome = "is not allowed" if rule.action == "block" else "needs a moderator"
            yield Reason(
                category=weakest,
                action=rule.action,
                score=scores[weakest],
                threshold=rule.scores[weakest],
                rule=f"combination.{rule.id}",
                message=f"The request combines {titles}, which {outcome}.",
                together_with=tuple(name for name in rule.scores if name != weakest),
            )


def mapping(value: object, where: str, keys: set[str]) -> dict[str, Any]:
    """A mapping with exactly these keys. Raises PolicyError; `where` is what it calls it."""
    if not isinstance(value, dict):
        raise PolicyError(f"{where}: must be a mapping with the keys {', '.join(sorted(keys))}")
    if unknown := set(map(str, value)) - keys:
        raise PolicyError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if missing := keys - set(map(str, value)):
        raise PolicyError(f"{where}: missing key {', '.join(sorted(missing))}")
    return value


def _score(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise PolicyError(f"{where}: must be a number from 0 to 1, not {value!r}")
    return float(value)


def _languages(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not value or not all(map(_is_language, value)):
        raise PolicyError(f"languages: must be a list of codes such as en, not {value!r}")
    return frozenset(value)


def _is_language(value: object) -> bool:
    return isinstance(value, str) and len(value) == 2 and value.isascii() and value.islower()


def thresholds(value: object, where: str) -> Thresholds:
    """`review` and `block` of a mapping. Raises PolicyError."""
    fields = mapping(value, where, {"review", "block"})
    review, block = (
        _NEVER if fields[key] == "never" else _score(fields[key], f"{where}.{key}")
        for key in ("review", "block")
    )
    if review > block:
        raise PolicyError(f"{where}.review: must not exceed block")
    return Thresholds(review, block)


def _combinations(value: object, where: str) -> tuple[Combination, ...]:
    if not isinstance(value, list):
        raise PolicyError(f"{where}: must be a list")
    return tuple(_combination(entry, f"{where}[{index}]") for index, entry in enumerate(value))


def _combination(value: object, where: str) -> Combination:
    fields = mapping(value, where, {"id", "action", "all"})
    if fields["action"] not in ("review", "block"):
        raise PolicyError(f"{where}.action: must be review or block, not {fields['action']!r}")
    levels = fields["all"]
    if not isinstance(levels, dict) or not levels:
        raise PolicyError(f"{where}.all: must be a mapping from categories to scores")
    if unknown := set(map(str, levels)) - set(TAXONOMY):
        raise PolicyError(f"{where}.all: unknown key {', '.join(sorted(unknown))}")
    scores = {name: _score(level, f"{where}.all.{name}") for name, level in levels.items()}
    return Combination(str(fields["id"]), fields["action"], scores)
