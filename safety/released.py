"""Finds whom a text names of those who have released their likeness.

Text and names are cleaned alike: a disguise that moderation sees through is none here either. A
name counts only whole and as it was recorded: anything else may be somebody else, and
stays a question for a moderator.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from safety.normalise import View, read

_BEFORE, _BEHIND = r"(?<![\w'’-])", r"(?![\w'’-])(?! (?:jr|junior|sr|senior|ii|iii|iv)\b)"
"""What a whole name stands between. A possessive asks for something of theirs, maybe a relative."""
_RELATIVE_OF = re.compile(
    r"\b(?:wife|husband|spouse|partner|girlfriend|boyfriend|ex|son|daughter|child|children|mother"
    r"|father|parents?|brother|sister|twin|double|lookalike)s? of $",
    re.IGNORECASE,
)
_LONGEST_RELATION = 20


@dataclass(frozen=True)
class Mention:
    """`name`, as it was recorded, at `start`:`end` of the text."""

    name: str
    start: int
    end: int


def find_mentions(clean: View, names: Collection[str]) -> Iterator[Mention]:
    """Every place where a text names one of `names`. clean: its first view, since the others mend
    its spelling."""
    lowered = clean.text.lower()
    for name in names:
        form = _form(name)
        if form and form.lower() in lowered:  # far faster than an expression for each of many names
            for start, end in _whole(form, clean.text):
                yield Mention(name, *clean.source_span(start, end))


def named_in(text: str, names: Collection[str]) -> set[str]:
    """Those of `names` that a text names."""
    return {mention.name for mention in find_mentions(read(text).views[0], names)}


@lru_cache(maxsize=10_000)
def _form(name: str) -> str:
    return read(name).views[0].text.strip()


def _whole(form: str, text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(_BEFORE + re.escape(form) + _BEHIND, text, re.IGNORECASE):
        before = text[max(match.start() - _LONGEST_RELATION, 0) : match.start()]
        if not _RELATIVE_OF.search(before):
            yield match.span()
