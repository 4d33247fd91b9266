"""Letters that were moved apart, glued together, swapped for digits, or put in another order.

Each function yields the edits that undo one of these.
"""

import codecs
import itertools
import re
from collections.abc import Callable, Iterator

from safety.normalise.trigrams import is_plausible
from safety.normalise.view import Edit
from safety.normalise.words import commonest, corrected, is_word, parted, reads

_SEPARATOR = r"(?: ?[.\-_*·/~,:;] ?| )"
_SPELLED_OUT = re.compile(rf"(?<!\w)\w({_SEPARATOR})\w(?:\1\w)*(?!\w)")
_SEPARATORS_INSIDE = re.compile(r"(?<=[^\W_])[*_·~]+(?=[^\W_])")
_SPACES = re.compile("  +")
_TOKEN = re.compile(r"[A-Za-z0-9@$!|+€]+")
_LETTERS = re.compile(r"(?<![^\W\d_])[A-Za-z]+(?![^\W\d_])")
_LETTERS_OF = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "il", "|": "li", "+": "t", "€": "e",
}  # fmt: skip
_LETTER_OF = str.maketrans({symbol: letters[0] for symbol, letters in _LETTERS_OF.items()})
# Two letters, or one among four characters: enough to be a word and no number with a unit.
_LETTERED = re.compile(r"[A-Za-z].*[A-Za-z]|(?=.{4})[A-Za-z]")
_SYMBOL_INSIDE = re.compile(r"[A-Za-z].*[0-9@$!|+€].*[A-Za-z]")
_MOST_READINGS = 64
_LONGEST_WORD = 18
_SHORTEST_HIDDEN = 3
_JUDGED_BY = 40
_FEWEST_HIDDEN = 2
_FEWEST_HIDDEN_LETTERS = 8
_GLUED_FROM = 8
_MOST_CORRECTIONS = 100


def spelled_out(text: str) -> Iterator[Edit]:
    """Single letters between equal separators, joined ("k i l l", "k.i.l.l", "ki*ll").

    Pairs are joined only where longer words are spelled out too: "a b" is no word.
    """
    runs = list(_SPELLED_OUT.finditer(text))
    if not any(len(run.group()) > 2 + len(run[1]) for run in runs):
        runs = []
    edits = [
        (at, at + len(run[1]), "")
        for run in runs
        for at in range(run.start() + 1, run.end() - 1, len(run[1]) + 1)
    ]
    joined = {edit[0] for edit in edits}
    edits += (
        (*match.span(), "")
        for match in _SEPARATORS_INSIDE.finditer(text)
        if match.start() not in joined
    )
    yield from sorted(edits)


def single_spaces(text: str) -> Iterator[Edit]:
    """One space for several."""
    for match in _SPACES.finditer(text):
        yield match.start() + 1, match.end(), ""


def leetspeak(text: str) -> Iterator[Edit]:
    """Digits and symbols as the letters they stand for, where that makes a word.

    "4k", "3d" and "1920s" are numbers with a unit and stay. A word that is unknown either way is
    changed if the digit stands among its letters. Where several words are written so, the shortest
    are too: "15" may then be "is".
    """
    tokens = [match for match in _TOKEN.finditer(text) if not match.group().isalpha()]
    edits = list(_from_leetspeak(tokens, shortest=3))
    if len(edits) > 1:
        edits = list(_from_leetspeak(tokens, shortest=1))
    yield from edits


def other_order(text: str) -> Iterator[Edit]:
    """Words that were written backwards."""
    return _enciphered(text, lambda word: word[::-1])


def rot13(text: str) -> Iterator[Edit]:
    """Words whose letters were moved on by half of the alphabet."""
    return _enciphered(text, lambda word: codecs.encode(word, "rot13"))


def glued(text: str) -> Iterator[Edit]:
    """Spaces between words that were written as one.

    A capitalised word of ordinary length is rather a name.
    """
    for match in _LETTERS.finditer(text):
        word = match.group()
        glued_from = _LONGEST_WORD if word.istitle() else _GLUED_FROM
        if len(word) >= glued_from and not is_word(word) and reads(word[:_JUDGED_BY]):
            parts = parted(word) or [word]
            ends = list(itertools.accumulate(map(len, parts), initial=match.start()))
            yield from ((at, at, " ") for at in ends[1:-1])


def slips(text: str) -> Iterator[Edit]:
    """Unknown words as the known ones a slip away, at most a hundred of them."""
    unknown = (match for match in _LETTERS.finditer(text) if not is_word(match.group()))
    for match in itertools.islice(unknown, _MOST_CORRECTIONS):
        if word := corrected(match.group()):
            yield *match.span(), word


def _from_leetspeak(tokens: list[re.Match[str]], shortest: int) -> Iterator[Edit]:
    for match in tokens:
        token = match.group().rstrip("!+|") or match.group()
        if len(token) < shortest or (shortest > 1 and not _LETTERED.search(token)):
            continue
        if word := _word_of(token):
            yield match.start(), match.start() + len(token), word


def _word_of(token: str) -> str | None:
    if len(token) <= _LONGEST_WORD:
        choices = [_LETTERS_OF.get(character, character) for character in token]
        readings = map("".join, itertools.product(*choices))
        if word := commonest(itertools.islice(readings, _MOST_READINGS)):
            return word
    return token.translate(_LETTER_OF) if _SYMBOL_INSIDE.match(token) else None


def _enciphered(text: str, decipher: Callable[[str], str]) -> Iterator[Edit]:
    """Edits for words that read only when deciphered, and for short ones beside such words.

    A single rare word may be another one backwards, by chance; several are none.
    """
    words = list(_LETTERS.finditer(text))
    hidden = [_is_hidden(match.group(), decipher) for match in words]
    found = [
        len(match.group()) for match, is_hidden in zip(words, hidden, strict=True) if is_hidden
    ]
    if len(found) < _FEWEST_HIDDEN and max(found, default=0) < _GLUED_FROM:
        return
    if sum(found) < _FEWEST_HIDDEN_LETTERS:
        return
    for index, match in enumerate(words):
        word = match.group()
        beside = hidden[max(index - 1, 0) : index + 2]
        if hidden[index] or (any(beside) and len(word) <= 4 and is_word(decipher(word))):
            yield *match.span(), decipher(word)


def _is_hidden(word: str, decipher: Callable[[str], str]) -> bool:
    if len(word) < _SHORTEST_HIDDEN or is_word(word):
        return False
    start = decipher(word)[:_JUDGED_BY]
    return is_plausible(start) and reads(start) and not reads(word[:_JUDGED_BY])
