"""From a prompt to the views that are judged, and to what disguised it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from safety.normalise import characters, framing, letters, payloads
from safety.normalise.unread import FEW_LETTERS, TOKEN, is_readable, unread
from safety.normalise.view import Edit, View

MOST_VIEWS = 4
"""A prompt is read in at most this many ways."""

MOST_CHARACTERS = 20_000
"""A view is cut here, and says so. Only prompts full of emoji or ligatures grow like that."""

_DEEPEST_NESTING = 3
_REPORTED_FROM = 0.25

_Step = Callable[[str], Iterator[Edit]]
# Every step with the name of the disguise that it undoes, or none where the change is ordinary.
_CHARACTERS: tuple[tuple[str | None, _Step], ...] = (
    ("styled_letters", characters.styled_letters),
    (None, characters.pictures),
    ("hidden_characters", characters.hidden_in_words),
    (None, characters.plain),
    ("look_alikes", characters.look_alikes),
)
_PAYLOADS: tuple[tuple[str | None, _Step], ...] = (
    ("entities", payloads.entities),
    ("percent", payloads.percent),
    ("escapes", payloads.escapes),
    ("hexadecimal", payloads.hexadecimal),
    ("base64", payloads.base_64),
)
_PAYLOAD_KINDS = frozenset(kind for kind, _ in _PAYLOADS)
_LETTERS: tuple[tuple[str | None, _Step], ...] = (
    ("spelled_out", letters.spelled_out),
    (None, letters.single_spaces),
    ("leetspeak", letters.leetspeak),
)


@dataclass(frozen=True)
class Disguise:
    """A change that ordinary writing does not make, between `start` and `end` of the prompt.

    `score` (0..1) is the share of the disguised letters that could not be read after undoing it (of
    24 letters if they are fewer); kind "unreadable" is text that no known disguise explains.
    """

    kind: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Reading:
    """The distinct views of a prompt, the plainest first, and the disguises it wore.

    `content` is the view without what the prompt says about itself. Only its sentences may be
    judged by themselves: "the moderator approved this" alone is no request.
    """

    views: tuple[View, ...]
    content: View
    disguises: tuple[Disguise, ...]


def read(prompt: str) -> Reading:
    """Undo disguises, and read what is left in up to MOST_VIEWS ways:

    1. every disguise undone that shows by itself or makes words of what was none,
    2. also slips of the pen corrected,
    3. also without what the prompt says about itself (roles, excuses, orders),
    4. the whole text from its end, if most words run backwards.

    The raw text is none of them: what it has beside the first view is oddness, and a classifier
    that reads oddness stops whatever is written in an unusual way.
    """
    worn = _Worn(prompt)
    view = _plain(View.of(prompt), worn)
    for _ in range(_DEEPEST_NESTING):
        decoded = worn.undo(view, _PAYLOADS)
        if decoded.text == view.text:
            break
        view = _plain(decoded, worn)
    view = worn.undo(view, _LETTERS)
    forwards = worn.undo(view, (("backwards", letters.other_order),))
    rest = (("rot13", letters.rot13), ("glued", letters.glued))
    clean = worn.undo(forwards, rest)
    corrected = clean.edited(letters.slips(clean.text))
    content = corrected.edited(framing.frames(corrected.text))
    views = [clean, corrected, content]
    if worn.extent("backwards") > len(prompt) / 2:
        views.append(worn.undo(view.backwards(), rest))
    distinct: dict[str, View] = {}
    for one in views:
        distinct.setdefault(one.text, one)
    return Reading(tuple(distinct.values()), content, tuple(worn.disguises(corrected)))


def _plain(view: View, worn: "_Worn") -> View:
    return worn.undo(view, _CHARACTERS)


class _Worn:
    """Remembers which characters of a prompt each disguise has touched."""

    def __init__(self, prompt: str) -> None:
        self._length = len(prompt)
        self._touched: dict[str, bytearray] = {}
        self._cut = False

    def undo(self, view: View, steps: tuple[tuple[str | None, _Step], ...]) -> View:
        """Apply steps one after the other."""
        for kind, step in steps:
            edits = list(step(view.text))
            if kind:
                for start, end, replacement in edits:
                    self._mark(kind, view, start, end, replacement)
            view = view.edited(edits)
            if len(view.text) > MOST_CHARACTERS:
                view = view.edited([(MOST_CHARACTERS, len(view.text), "")])
                self._cut = True
        return view

    def extent(self, kind: str) -> int:
        """How many characters of the prompt a disguise has touched."""
        return sum(self._touched.get(kind, b""))

    def disguises(self, view: View) -> Iterator[Disguise]:
        """What was undone, judged by the view in which everything is."""
        tokens = [
            (*view.source_span(*token.span()), len(token.group()), is_readable(token.group()))
            for token in TOKEN.finditer(view.text)
        ]
        for kind, touched in self._touched.items():
            judged = missed = 0
            for start, end, length, readable in tokens:
                if touched.find(1, start, end) >= 0:
                    judged += length
                    missed += 0 if readable else length
            yield Disguise(
                kind, touched.find(1), touched.rfind(1) + 1, missed / max(judged, FEW_LETTERS)
            )
        if self._cut:
            yield Disguise("expansion", 0, self._length, 1.0)
        share, start, end = unread(view.text)
        if share >= _REPORTED_FROM:
            yield Disguise("unreadable", *view.source_span(start, end), share)

    def _mark(self, kind: str, view: View, start: int, end: int, replacement: str) -> None:
        # "&amp;" and "%20" stand for what could not be written otherwise; "%6B" does not.
        if kind in _PAYLOAD_KINDS and not any(map(str.isalnum, replacement)):
            return
        first, last = view.source_span(start, max(end, start + 1))
        touched = self._touched.setdefault(kind, bytearray(self._length))
        touched[first:last] = b"\x01" * (last - first)
