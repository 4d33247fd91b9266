"""Moderation of a prompt: views, windows, classifier, rules and policy put together."""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from safety.classifier import WEIGHTS_PATH, Classifier, load_classifier
from safety.decision import (
    SEVERITY,
    Action,
    Decision,
    GuardAnswer,
    Obfuscation,
    Reason,
    Source,
    Span,
)
from safety.guards import Guards
from safety.guards import verdict as guard_verdict
from safety.language import LEAST_PROBABILITY, find_foreign
from safety.likeness import anonymised, find_likenesses
from safety.negative import undressing_spans, without_avoided
from safety.normalise import View, read, readable_share
from safety.passages import passages
from safety.policy import POLICY_PATH, Policy, decide
from safety.policy_file import policy_file
from safety.released import Mention, find_mentions
from safety.signals import find_signals
from safety.taxonomy import CONTENT_CATEGORIES, TAXONOMY

_log = logging.getLogger(__name__)
_UNDRESSING_SCORE = 0.6
_SPAN_SCORE = 0.4

_load_classifier = lru_cache(maxsize=2)(load_classifier)


def moderate(
    prompt: str,
    negative_prompt: str | None = None,
    *,
    released: Collection[str] = (),
    guards: Guards | None = None,
    policy_path: Path = POLICY_PATH,
    weights_path: Path = WEIGHTS_PATH,
) -> Decision:
    """Judge a prompt and its negative prompt before anything is rendered.

    `released` are names of people who have released their likeness: naming them is no longer a
    reason by itself, but still counts together with anything else. `guards` judge the prompt, too;
    see safety.guards.verdict for what their answers count.

    Never raises: if any part fails, the decision is to block, with a reason that says so. Time is
    bounded, because texts longer than the policy's limit are blocked unread, and guards have
    theirs. Weights are read once per path and process, a policy whenever its file has changed.
    """
    try:
        policy = policy_file(policy_path).current()
        classifier = _load_classifier(weights_path)
        return _moderate(prompt, negative_prompt, released, policy, classifier, guards)
    except Exception:
        # The prompt itself stays out of the log: it is personal data.
        _log.exception("moderation could not answer and blocked the request")
        return _blocked_unanswered()


def _moderate(
    prompt: str,
    negative_prompt: str | None,
    released: Collection[str],
    policy: Policy,
    classifier: Classifier,
    guards: Guards | None,
) -> Decision:
    evidence = _Evidence(classifier, released)
    texts: list[tuple[Source, str]] = [("prompt", prompt)]
    if negative_prompt:
        texts.append(("negative_prompt", negative_prompt))
    reasons: list[Reason] = []
    for source, text in texts:
        if len(text) > policy.max_characters:
            reasons.append(_too_long(source, len(text), policy.max_characters))
        else:
            plain = evidence.read(text, source)
            share = readable_share(plain)
            if share < policy.min_readable_share:
                reasons.append(_other_language(source, share, policy.min_readable_share))
            elif foreign := find_foreign(anonymised(plain), policy.languages):
                reasons.append(_other_language(source, foreign.probability, LEAST_PROBABILITY))
    answers = guards.judge(evidence.views) if guards else []
    evidence.add(answers)
    reasons += guard_verdict.reasons(answers, policy)
    reasons += _obfuscation_reasons(evidence.obfuscations, policy.obfuscation_review)
    _, policy_reasons = decide(evidence.scores, policy, evidence.unreleased_likeness)
    reasons = sorted([*reasons, *policy_reasons], key=lambda reason: -SEVERITY[reason.action])
    action: Action = reasons[0].action if reasons else "allow"
    return Decision(
        action=action,
        categories=evidence.scores,
        reasons=reasons,
        policy_version=policy.version,
        classifier_version=classifier.version,
        spans=sorted(evidence.spans, key=lambda span: (span.source, span.start, span.category)),
        released=sorted(evidence.released),
        unreleased_likeness=evidence.unreleased_likeness,
        obfuscations=evidence.obfuscations,
        guards=answers,
    )


class _Evidence:
    """The highest score of every category over everything read so far, its spans, who of the people
    named has released their likeness, and how the texts were disguised."""

    def __init__(self, classifier: Classifier, releasable: Collection[str]) -> None:
        self._classifier = classifier
        self._releasable = releasable
        self.scores = dict.fromkeys(TAXONOMY, 0.0)
        self.spans: set[Span] = set()
        self.released: set[str] = set()
        self.unreleased_likeness = 0.0
        self.obfuscations: list[Obfuscation] = []
        self.views: list[str] = []

    def read(self, text: str, source: Source) -> str:
        """Score every view of a text; returns the plainest."""
        if source == "negative_prompt":
            for start, end in undressing_spans(text):
                self._add("sexual", _UNDRESSING_SCORE, Span(start, end, "sexual", source))
            text = without_avoided(text)
        reading = read(text)
        mentions = list(find_mentions(reading.views[0], self._releasable))
        self.views += (view.text for view in reading.views if view.text.strip())
        learned = self._classifier.scores(passages(reading)).max(axis=0)
        for category, score in zip(CONTENT_CATEGORIES, learned.tolist(), strict=True):
            self._add(category, score)
        for view in reading.views:
            self._match(view, source, mentions)
        self.obfuscations += (
            Obfuscation(worn.kind, worn.start, worn.end, worn.score, source)
            for worn in reading.disguises
        )
        return reading.views[0].text

    def add(self, answers: Iterable[GuardAnswer]) -> None:
        """Count the scores of guards."""
        for answer in answers:
            for category, score in answer.categories.items():
                self._add(category, score)

    def _match(self, view: View, source: Source, mentions: Sequence[Mention]) -> None:
        for signal in find_signals(view.text):
            start, end = view.source_span(signal.start, signal.end)
            self._add(signal.category, signal.score, Span(start, end, signal.category, source))
        for person in find_likenesses(view.text):
            start, end = view.source_span(person.start, person.end)
            self._add("likeness", person.score, Span(start, end, "likeness", source))
            # A reference that says more than a released name may be to somebody else.
            names = {m.name for m in mentions if m.start <= start and end <= m.end}
            self.released |= names
            if not names:
                self.unreleased_likeness = max(self.unreleased_likeness, person.score)

    def _add(self, category: str, score: float, span: Span | None = None) -> None:
        self.scores[category] = max(self.scores[category], score)
        if span is not None and score >= _SPAN_SCORE:
            self.spans.add(span)


def _too_long(source: Source, length: int, limit: int) -> Reason:
    name = source.replace("_", " ")
    return Reason(
        category="input",
        action="block",
        score=1.0,
        threshold=1.0,
        rule="input.too_long",
        message=f"The {name} has {length} characters; at most {limit} can be checked. Shorten it.",
    )


def _other_language(source: Source, supported: float, required: float) -> Reason:
    name = source.replace("_", " ")
    return Reason(
        category="input",
        action="review",
        score=1 - supported,
        threshold=1 - required,
        rule="input.unsupported_language",
        message=f"Parts of the {name} are in a language that cannot be checked automatically; "
        "a moderator will look at them.",
    )


def _obfuscation_reasons(obfuscations: list[Obfuscation], threshold: float) -> Iterator[Reason]:
    """For each text, the disguise that hides most of it."""
    worst = {found.source: found for found in sorted(obfuscations, key=lambda one: one.score)}
    for source, found in worst.items():
        if found.score >= threshold:
            name = source.replace("_", " ")
            yield Reason(
                category="input",
                action="review",
                score=found.score,
                threshold=threshold,
                rule="input.obfuscated",
                message=f"Parts of the {name} cannot be read as they are written; "
                "a moderator will look at them. Plain words need no moderator.",
            )


def _blocked_unanswered() -> Decision:
    reason = Reason(
        category="input",
        action="block",
        score=1.0,
        threshold=1.0,
        rule="input.unanswered",
        message="The safety classifier could not answer, so the request was not accepted. "
        "Try again later; if it keeps happening, tell the operator.",
    )
    return Decision(
        action="block",
        categories=dict.fromkeys(TAXONOMY, 0.0),
        reasons=[reason],
        policy_version="unknown",
        classifier_version="unknown",
        spans=[],
        released=[],
        unreleased_likeness=0.0,
        obfuscations=[],
        guards=[],
    )
