"""Phrases that are strong evidence by themselves: rules beside the learned classifier.

The public data has few prompts about deception with video, so its clearest forms are written
down here. Every pattern needs at least two independent parts (an act and its deceptive or cruel
context), because single words decide too much. Words for minors and for nudity are alone, but only
tip the scale: the policy acts on them in combination, with each other or with a real person.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Signal:
    """Evidence for `category` at `start`:`end` of the text, with a `score` in 0..1."""

    category: str
    start: int
    end: int
    score: float


_HEAD_OF_STATE = r"(?:president|prime minister|chancellor|head of state|king|queen|leader|general)"
_CATASTROPHE = (
    r"(?:nuclear (?:war|strike|attack)|war (?:on|against|with)|declar\w+ war|martial law"
    r"|surrender\w*|state of emergency"
    r"|(?:election|vote|voting) (?:is |was |has been )?(?:cancel|postpone|rigged))"
)
_NEWS = (
    r"(?:news|newscast|broadcast|bbc|cnn|anchor|press conference|official announcement|bulletin)"
)
_FAKED = r"(?:fake|faked|fabricated|false|invented|made to look real|that never happened)"
_SECRETS = (
    r"(?:passwords?|passcodes?|one[- ]time (?:code|password)s?|pins?|login|credentials"
    r"|(?:card|account|security|bank) (?:number|detail|code)s?|bail money|gift cards?"
    r"|(?:wire|transfer|send) (?:\w+ ){0,3}(?:money|funds|bitcoins?|crypto))"
)
_TRUSTED = (
    r"(?:bank|police|tax|customs|government|support|microsoft|irs|officer|ceo|cfo|boss|grandson"
    r"|granddaughter|doctor|customer service)"
)
_UNDRESSED = r"(?:naked|nude|nudes|undress\w*|topless|intimate|sex|sexual|porn\w*|explicit)"
_COVERT = (
    r"(?:without (?:her|his|their|any) (?:consent|knowledge|permission)|non-?consensual"
    r"|secret(?:ly)? (?:filmed|recorded|recording)|hidden camera|spy ?cam|leaked|revenge)"
)
_NUDITY = (
    r"\b(?:nudes?|naked(?! (?:eye|mole|truth))|topless|undress(?:es|ed|ing)?|striptease"
    r"|strips? (?:down|for|in front)|wear(?:s|ing) nothing"
    r"|tak(?:es?|ing) off (?:all )?(?:her|his|their) clothes)\b"
)
_GORE = (
    r"(?:gore|gory|dismember\w*|behead\w*|decapitat\w*|disembowel\w*|mutilat\w*|entrails"
    r"|intestines|severed (?:head|limb|arm|leg|hand)s?)"
)
_GRAPHIC = (
    r"(?:graphic|realistic|photorealistic|bloody|blood|extreme|brutal\w*|corpses?|bodies|body"
    r"|victim)"
)
_MAKING = (
    r"(?:how to|step[- ]by[- ]step|tutorial|instructions?|build(?:ing)?|assembl(?:e|ing)"
    r"|mak(?:e|ing))"
)
_EXPLOSIVE = (
    r"(?:(?:pipe|car|nail|dirty|home ?made|pressure[- ]cooker|petrol) bombs?"
    r"|explosive (?:device|vest)s?|molotov|nerve (?:gas|agent))"
)
_MINOR = (
    r"\b(?:child|children|kids?|toddlers?|baby|babies|infants?|newborns?|boys?|girls?|teens?"
    r"|teenage|teenagers?|minors?|underage|preteens?|school ?(?:boys?|girls?|child(?:ren)?)"
    r"|(?:[0-9]|1[0-7])[ -]years?[ -]olds?)\b|孩子|儿童|小孩|女孩|男孩|少年|少女|婴儿"
)


def _together(first: str, second: str) -> str:
    """Both parts as whole words in either order, at most 80 characters apart."""
    return rf"\b{first}\b.{{0,80}}\b{second}|\b{second}.{{0,80}}\b{first}\b"


_PATTERNS = tuple(
    (category, score, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for category, score, pattern in (
        ("misinformation", 0.85, _together(_HEAD_OF_STATE, _CATASTROPHE)),
        ("political", 0.85, _together(_HEAD_OF_STATE, _CATASTROPHE)),
        ("misinformation", 0.85, _together(_FAKED, _NEWS)),
        ("fraud", 0.85, _together(_TRUSTED, _SECRETS)),
        ("ncii", 0.9, _together(_UNDRESSED, _COVERT)),
        ("sexual", 0.85, _together(_UNDRESSED, _COVERT)),
        ("violence", 0.85, _together(_GORE, _GRAPHIC)),
        ("disturbing", 0.85, _together(_GORE, _GRAPHIC)),
        ("weapons", 0.85, _together(_MAKING, _EXPLOSIVE)),
        ("sexual", 0.35, _NUDITY),
        ("minors", 1.0, _MINOR),
    )
)


def find_signals(text: str) -> Iterator[Signal]:
    """Every rule match in a text; a phrase may be evidence for several categories."""
    for category, score, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield Signal(category, *match.span(), score)
