"""Characters that are not what they look like: invisible, styled, borrowed, or pictures.

Each function yields the edits that turn a text into plainer characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import emoji
from confusable_homoglyphs import confusables

from safety.normalise.view import Edit
from safety.normalise.words import is_word

_UNUSUAL = re.compile(r"[^\x20-\x7e]")
_PICTURE = re.compile("[\u203c-\u3299\U0001f000-\U0001faff]")
_FLAG_LETTERS = re.compile("(?:[\U0001f1e6-\U0001f1ff]\\W?){3,}")
_NOT_WORDS = re.compile(r"[^\x20-\x7e\w]+")
_JOINERS = frozenset("\u200c\u200d")
_MIXED_WORD = re.compile(r"[^\W\d_]+")
# Letters in negative circles and squares, which no Unicode normalisation turns into letters.
_ENCLOSED = {
    chr(first + letter): chr(ord("A") + letter)
    for first in (0x1F130, 0x1F150, 0x1F170)
    for letter in range(26)
}
_ENCLOSED["\U0001f18e"] = "AB"
_HIDDEN = ("Cf", "Cs", "Cc", "Co", "Cn", "Mn", "Me")
# What people use as look-alikes though Unicode's list has no Latin letter for them.
_LOOSE_LOOK_ALIKES = {
    "ς": "c", "к": "k", "κ": "k", "η": "n", "п": "n", "ε": "e", "ғ": "f", "ц": "u", "μ": "u",
    "ω": "w", "я": "r", "и": "n", "д": "a", "λ": "a", "ӡ": "z", "ʐ": "z", "ɗ": "d", "ɾ": "r",
}  # fmt: skip
_BASE_LETTER = re.compile(r"LATIN (?:LETTER )?(SMALL|CAPITAL)(?: LETTER)?(?: CAPITAL)? ([A-Z])\b")


def plain(text: str) -> Iterator[Edit]:
    """Compatibility forms and accents undone, hidden characters removed, white space as spaces."""
    for match in _UNUSUAL.finditer(text):
        character = match.group()
        if (replacement := _plain(character)) != character:
            yield *match.span(), replacement


def hidden_in_words(text: str) -> Iterator[Edit]:
    """Characters without a shape of their own inside a word, and piles of accents.

    The joiners of Indic and Arabic writing, the selectors of emoji and single accents are ordinary.
    """
    for match in _NOT_WORDS.finditer(text):
        run = match.group()
        start, end = match.span()
        if not all(unicodedata.category(character) in _HIDDEN for character in run):
            continue
        before, after = text[start - 1 : start], text[end : end + 1]
        pile = len(run) > 2 and before.isalpha()
        latin = before.isascii() or after.isascii() or not _JOINERS.issuperset(run)
        if pile or (latin and before.isalpha() and after.isalpha()):
            yield start, end, ""


def styled_letters(text: str) -> Iterator[Edit]:
    """Flags that spell a word, and letters in circles, squares or a mathematical style."""
    for match in _FLAG_LETTERS.finditer(text):
        for at, character in enumerate(match.group(), match.start()):
            if "\U0001f1e6" <= character <= "\U0001f1ff":
                yield at, at + 1, chr(ord(character) - 0x1F1E6 + ord("a"))
            elif character != " ":
                yield at, at + 1, ""
    for match in _UNUSUAL.finditer(text):
        character = match.group()
        letter = _ENCLOSED.get(character) or unicodedata.normalize("NFKC", character)
        if letter != character and letter.isascii() and letter.isalpha():
            yield *match.span(), letter


def pictures(text: str) -> Iterator[Edit]:
    """Emoji as their English names."""
    if not _PICTURE.search(text):
        return
    for found in emoji.emoji_list(text):
        name = emoji.demojize(found["emoji"], delimiters=("", ""))
        digit = name.removeprefix("keycap_")
        words = digit if len(digit) == 1 else f" {name.replace('_', ' ').replace('-', ' ')} "
        yield found["match_start"], found["match_end"], words


def look_alikes(text: str) -> Iterator[Edit]:
    """Letters of other alphabets as Latin ones, in words that have both or that are English then.

    A word of one foreign alphabet is a foreign word, although some of its letters look Latin.
    """
    for match in _MIXED_WORD.finditer(text):
        word = match.group()
        if not word.isascii():
            latin = "".join(map(_latin, word))
            if latin != word and (any(map(str.isascii, word)) or is_word(latin)):
                for at, (old, new) in enumerate(zip(word, latin, strict=True), match.start()):
                    if old != new:
                        yield at, at + 1, new


@lru_cache(maxsize=1 << 14)
def _plain(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in _HIDDEN:
        return ""
    compatible = unicodedata.normalize("NFKC", character)
    decomposed = unicodedata.normalize("NFKD", compatible)
    if not unicodedata.name(decomposed[:1], "").startswith("LATIN"):
        return compatible  # marks are part of the letter in other scripts, as in Japanese
    return "".join(part for part in decomposed if not unicodedata.combining(part))


@lru_cache(maxsize=1 << 14)
def _latin(letter: str) -> str:
    """The Latin letter that looks like this one, or the letter itself."""
    if letter.isascii():
        return letter
    if letter in _LOOSE_LOOK_ALIKES:
        return _LOOSE_LOOK_ALIKES[letter]
    similar = [letter]
    for entry in confusables.is_confusable(letter, greedy=True) or ():
        similar += (alternative["c"] for alternative in entry["homoglyphs"])
    for alternative in similar:
        if len(alternative) == 1 and alternative.isascii() and alternative.isalpha():
            return alternative
    for alternative in similar:
        base = _BASE_LETTER.match(unicodedata.name(alternative[0], ""))
        if base and len(alternative) == 1:
            return base[2].lower() if letter.islower() else base[2]
    return letter
