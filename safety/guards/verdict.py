"""What a guard said, and what follows from it.

The rule: a guard's score counts for its category as if the classifier had given it, and the highest
wins. The policy's thresholds and combinations then apply as ever, so a guard can make a decision
more severe, and never less. Two cases are its own: a harm that no category has a word for waits for
a moderator, and a guard that gives no answer stops the prompt as the policy says.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from safety.decision import GuardAnswer, Reason
from safety.policy import Policy

_FAILURES = {
    "loading": "is still being loaded",
    "timeout": "took too long",
    "crashed": "broke down",
    "unusable": "could not be loaded",
    "no_answer": "gave no valid answer",
}


@dataclass(frozen=True)
class Finding:
    """One text, or one part of it, in a guard's eyes; see GuardAnswer for the fields."""

    label: str
    score: float
    categories: Mapping[str, float] = field(default_factory=dict)
    unclassified: float = 0.0


def worst(findings: Iterable[Finding]) -> Finding:
    """Several findings as one: the label of the highest score, and the highest of every score.

    Raises ValueError if there is none, or one that is not a number.
    """
    found = list(findings)
    categories: dict[str, float] = {}
    for each in found:
        for name, score in each.categories.items():
            categories[name] = max(score, categories.get(name, 0.0))
    most = max(found, key=lambda each: each.score)
    unclassified = max(each.unclassified for each in found)
    if not all(map(math.isfinite, (most.score, unclassified, *categories.values()))):
        raise ValueError("a guard's score is not a number")
    return Finding(most.label, most.score, categories, unclassified)


def reasons(answers: Iterable[GuardAnswer], policy: Policy) -> Iterator[Reason]:
    """What the policy's thresholds of categories do not cover."""
    for answer in answers:
        if answer.failure is not None:
            yield _unanswered(answer.failure, policy)
        elif answer.unclassified >= policy.guard_unclassified_review:
            yield Reason(
                category="input",
                action="review",
                score=answer.unclassified,
                threshold=policy.guard_unclassified_review,
                rule="guard.unclassified",
                message="An additional safety model finds the request harmful; "
                "a moderator will look at it.",
            )


def _unanswered(failure: str, policy: Policy) -> Reason:
    blocks = policy.guard_unanswered == "block"
    outcome = "the request was not accepted. Try again later." if blocks else "a moderator decides."
    return Reason(
        category="input",
        action=policy.guard_unanswered,
        score=1.0,
        threshold=1.0,
        rule=f"guard.{failure}",
        message=f"An additional safety model {_FAILURES[failure]}, so {outcome}",
    )
