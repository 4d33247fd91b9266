"""What moderation answers: a decision, its reasons, and where in the text they come from."""

from dataclasses import dataclass, field
from typing import Literal

Action = Literal["allow", "review", "block"]
Source = Literal["prompt", "negative_prompt"]

SEVERITY: dict[Action, int] = {"allow": 0, "review": 1, "block": 2}
"""Actions in order of severity, to pick the worst of several."""


@dataclass(frozen=True)
class Reason:
    """One ground for a decision.

    `category` is a taxonomy name, or "input" where the text itself could not be judged. `score`
    reached `threshold` (both 0..1) under the policy rule `rule`. `message` is a sentence for the
    person whose prompt was stopped; it never quotes word lists or model internals. `together_with`
    are the other categories of a rule that combines several.
    """

    category: str
    action: Action
    score: float
    threshold: float
    rule: str
    message: str
    together_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of the text named by `source`."""

    start: int
    end: int
    category: str
    source: Source


@dataclass(frozen=True)
class Obfuscation:
    """A disguise, between `start` (inclusive) and `end` (exclusive) of the text named by `source`.

    `kind` is the change that ordinary writing does not make, such as "look_alikes" or "base64", or
    "unreadable" where no known one explains the text. `score` (0..1) is the share of the letters
    there that could not be read even so: 0 means that the hidden text was found and judged.
    """

    kind: str
    start: int
    end: int
    score: float
    source: Source


@dataclass(frozen=True)
class GuardAnswer:
    """What the guard `model` of the operator's choice said about a prompt.

    `label` are its own words for the worst that it found, `score` (0..1) is how sure it is of any
    harm, and `categories` are those scores under taxonomy names; `unclassified` is what none of
    them covers. `revision` is the hub's commit, or "sha256:" and the digest of the folder's files.
    `failure` says why there is no answer: "loading", "timeout", "crashed", "unusable" or
    "no_answer"; all scores are 0 then.
    """

    model: str
    revision: str | None
    label: str | None = None
    score: float = 0.0
    categories: dict[str, float] = field(default_factory=dict)
    unclassified: float = 0.0
    failure: str | None = None


@dataclass(frozen=True)
class Decision:
    """The outcome for one prompt.

    `categories` holds every taxonomy category with its score in 0..1. `reasons` is empty exactly
    when `action` is "allow", and starts with the most severe. The two versions identify the
    policy and the model, so that a decision can be explained and repeated later. `released` are
    the names that the text refers to and that were given as released; `unreleased_likeness` is the
    score in 0..1 of everybody else, and the one that counts where likeness is judged by itself.
    `obfuscations` are how the texts were disguised, `guards` what each guard model said.
    """

    action: Action
    categories: dict[str, float]
    reasons: list[Reason]
    policy_version: str
    classifier_version: str
    spans: list[Span]
    released: list[str]
    unreleased_likeness: float
    obfuscations: list[Obfuscation]
    guards: list[GuardAnswer]
