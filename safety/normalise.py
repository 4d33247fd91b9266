"""De-obfuscated views of a prompt, each aligned with the characters it came from.

Writers hide words from a classifier with look-alike letters, invisible characters, digits for
letters, or separators between letters. No single clean-up undoes all of them without damaging
ordinary text ("4k", "U.S.A."), so several *views* are made and the caller scores each one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# Letters of other scripts that are drawn like a Latin letter: the subset of Unicode's
# confusables (UTS #39) that covers Cyrillic, Greek, Armenian and phonetic letters.
_LOOK_ALIKES = {
    "a": "аαɑ", "b": "ЬƄ", "c": "сϲᴄ", "d": "ԁɗ", "e": "еҽєε", "f": "ғſ", "g": "ɡց", "h": "һհ",
    "i": "іıɩι", "j": "јϳ", "k": "кκ", "l": "ӏļ", "m": "мᴍ", "n": "ոпη", "o": "оοօσ", "p": "рρ",
    "q": "ԛգ", "r": "гᴦ", "s": "ѕꜱ", "t": "тτ", "u": "υսц", "v": "ѵν", "w": "ԝѡω", "x": "хχ",
    "y": "уүγ", "z": "ᴢʐ",
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ",
    "M": "МΜ", "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "УΥ", "Z": "Ζ",
}  # fmt: skip
_LATIN_OF = {look: latin for latin, looks in _LOOK_ALIKES.items() for look in looks}
_LETTER_OF_DIGIT = {
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b",
    "@": "a", "$": "s", "!": "i", "|": "l", "€": "e", "+": "t",
}  # fmt: skip

_SUBSTITUTED_TOKEN = re.compile(r"[^\s,.;:?\"'()]+")
_SPELLED_OUT = re.compile(r"(?<!\w)\w(?:([ .\-_*·/])\w)(?:\1\w)+(?!\w)")
_INNER_SEPARATOR = re.compile(r"(?<=\w)[.\-_*·](?=\w)")


@dataclass(frozen=True)
class View:
    """One reading of a prompt. `origins[i]` is the index in the prompt of `text[i]`."""

    text: str
    origins: tuple[int, ...]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the prompt that `text[start:end]` (not empty) was read from."""
        return self.origins[start], self.origins[end - 1] + 1


def views(prompt: str) -> list[View]:
    """The distinct readings of a prompt, plainest first; linear in its length, at most four.

    1. compatibility-normalised (NFKC) without invisible and control characters,
    2. look-alike letters as Latin ones, no accents,
    3. also digits and symbols inside words as letters,
    4. also letters that were spelled out ("k i l l", "k.i.l.l") joined.
    """
    plain = _plain(prompt)
    folded = _fold(plain)
    substituted = _substitute(folded)
    joined = _join(substituted)
    distinct = {view.text: view for view in (joined, substituted, folded, plain)}
    return list(reversed(distinct.values()))


def readable_share(view: View) -> float:
    """Share (0..1) of a view's letters in the scripts the classifier was trained on.

    Those are Latin and Han. A view without letters counts as readable.
    """
    letters = [character for character in view.text if character.isalpha()]
    if not letters:
        return 1.0
    return sum(map(_is_latin_or_han, letters)) / len(letters)


def _is_latin_or_han(letter: str) -> bool:
    if letter.isascii() or "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf":
        return True
    return unicodedata.name(letter, "").startswith("LATIN")


def _plain(prompt: str) -> View:
    characters: list[tuple[str, int]] = []
    for index, character in enumerate(prompt):
        if character.isspace():
            if characters and characters[-1][0] != " ":
                characters.append((" ", index))
        elif unicodedata.category(character) not in ("Cf", "Cs", "Cc", "Co", "Cn"):
            compatible = unicodedata.normalize("NFKC", character)
            characters.extend((part, index) for part in compatible)
    return _view(characters)


def _fold(view: View) -> View:
    return _map(view, _fold_character)


def _fold_character(character: str) -> str:
    if character.isascii():
        return character
    base = unicodedata.normalize("NFKD", character)
    return "".join(_LATIN_OF.get(part, part) for part in base if unicodedata.category(part) != "Mn")


def _substitute(view: View) -> View:
    text = list(view.text)
    for token in _SUBSTITUTED_TOKEN.finditer(view.text):
        word = token.group()
        # "4k", "3d" and "1920s" are numbers with a unit; "k1ll" is a word with a digit.
        if sum(map(str.isalpha, word)) >= 2 and not word[0].isdigit():
            stem = word.rstrip("!")
            text[token.start() : token.start() + len(stem)] = [
                _LETTER_OF_DIGIT.get(character, character) for character in stem
            ]
    return View("".join(text), view.origins)


def _join(view: View) -> View:
    removed: set[int] = set()
    for run in _SPELLED_OUT.finditer(view.text):
        removed.update(range(run.start() + 1, run.end() - 1, 2))
    removed.update(match.start() for match in _INNER_SEPARATOR.finditer(view.text)
                   if view.text[match.start()] in "*_·")  # fmt: skip
    return _view(
        (character, origin)
        for index, (character, origin) in enumerate(zip(view.text, view.origins, strict=True))
        if index not in removed
    )


def _map(view: View, change: Callable[[str], str]) -> View:
    return _view(
        (part, origin)
        for character, origin in zip(view.text, view.origins, strict=True)
        for part in change(character)
    )


def _view(characters: Iterable[tuple[str, int]]) -> View:
    pairs = list(characters)
    return View("".join(text for text, _ in pairs), tuple(origin for _, origin in pairs))
