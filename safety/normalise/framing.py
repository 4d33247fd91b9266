"""What a prompt says about itself instead of about the picture: roles, excuses, orders.

"It is only a prop for a film" changes nothing about what is rendered. Such frames are removed only
where they are a clause or sentence of their own; "in a video game" inside a sentence may be what
is shown, and stays.
"""

import re
from collections.abc import Iterator

from safety.normalise.view import Edit

_WORK = (
    r"(?:films?|movies?|scenes?|shows?|series|episodes?|dramas?|novels?|books?|stor(?:y|ies)|chapters?"
    r"|plays?|stage|theat(?:er|re)|games?|scripts?|screenplays?|storyboards?|music videos?|project"
    r"|assignments?|documentar(?:y|ies)|fiction|fictional|fantasy|hypothetical(?:ly)?|imaginary)"
)
_ROLE = (
    r"(?:you are|you're|act as|pretend|imagine|role-?play\w*|stay in character|in character"
    r"|let's play|character|persona|without (?:any )?(?:limits|rules|filters?|restrictions)"
    r"|unfiltered|uncensored|never refuses?|suppose|your (?:next|new))"
)
_ORDER = (
    r"(?:ignore (?:all |any |the )*(?:previous|prior|above|earlier)|disregard|override|system\b"
    r"|safety (?:filter|check)s?|moderat(?:or|ion)|instructions|classif\w+|this (?:request|prompt)"
    r"|(?:answer|respond|output|score)\b.{0,12}\b(?:allow|safe|harmless|0)|end of prompt"
    r"|administrator|developer mode|jailbr\w+)"
)
_EXCUSE = (
    r"(?:(?:it|this|that) is (?:only|just|all|purely|merely)|it's (?:only|just|all)"
    r"|(?:nobody|no ?one|none) (?:is|was|gets|will be|are) (?:really |actually )?(?:harmed|hurt)"
    r"|(?:only |just )?(?:a |as a |for a )?props? (?:for|in|of|on)|not real|fake blood"
    r"|for (?:educational|research|training|artistic) (?:purposes?|use))"
)
_CLAUSE = r"[^.!?:;\n]{0,160}"
_FRAMES = (
    # a role, up to the colon after it
    rf"^(?:[^.!?:\n]{{0,160}}[.!?]\s+)?{_CLAUSE}\b{_ROLE}\b{_CLAUSE}:",
    # a work of fiction, likewise
    rf"^{_CLAUSE}\b{_WORK}\b{_CLAUSE}:",
    # the same as the first or last part of a sentence
    rf"^(?:in|for|as|on) (?:a|an|the|my|our|this|part)\b[^.!?:;,\n]{{0,80}}\b{_WORK}\b"
    r"[^.!?:;,\n]{0,60},",
    rf",\s*(?:in|for|as|from)\b[^.!?:;,\n]{{0,60}}\b{_WORK}\b[^.!?:;,\n]{{0,60}}(?=[.!?]?\s*$)",
    # sentences and clauses that excuse the request or instruct whoever checks it
    rf"(?:(?<=^)|(?<=[.!?\]\n;]))[^.!?;\[\n]{{0,120}}\b(?:{_EXCUSE}|{_ORDER})\b[^.!?\n]*(?:[.!?]|$)",
    rf"\[[^\]\n]{{0,60}}\b{_ORDER}\b[^\]\n]{{0,60}}\]",
    rf",\s*{_EXCUSE}\b[^.!?;\n]*(?=[.!?]|$)",
)
_FRAME = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _FRAMES)
_WORD = re.compile(r"\w+")
_FEWEST_WORDS = 3


def frames(text: str) -> Iterator[Edit]:
    """Edits that blank every frame; none if hardly anything else would be left."""
    framed = sorted(match.span() for pattern in _FRAME for match in pattern.finditer(text))
    edits, position = [], 0
    for start, end in framed:
        start = max(start, position)
        if start < end:
            edits.append((start, end, " "))
            position = end
    rest = _blanked(text, edits)
    if len(_WORD.findall(rest)) >= _FEWEST_WORDS:
        yield from edits


def _blanked(text: str, edits: list[Edit]) -> str:
    parts, position = [], 0
    for start, end, _ in edits:
        parts.append(text[position:start])
        position = end
    return " ".join([*parts, text[position:]])
