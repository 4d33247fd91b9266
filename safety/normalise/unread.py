"""How much of a text cannot be read: letters that are neither English nor like a language."""

import re
from collections import Counter

from safety.normalise.trigrams import is_plausible
from safety.normalise.words import is_word

TOKEN = re.compile(r"[^\W_][\w+/=]*")
"""What is judged as one word; encoded text is a single one."""

FEW_LETTERS = 24
"""What is hidden in fewer letters is little: one odd name is no reason to stop a prompt."""

_STRETCH = 300
_SHORTEST_JUDGED = 3
_LONGEST_NUMBERED = 12
_NO_LETTERS = re.compile("[^A-Za-z]")
_BLOB = 32
_ALPHABET_OF_ITS_OWN = re.compile("[\\u2e80-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\uff00-\\uffef]")


def unread(text: str) -> tuple[float, int, int]:
    """The share (0..1) of letters in unreadable words, in the worst stretch of the text, and where
    that stretch is.

    Stretches of 600 characters overlap by half. One unreadable run of 32 letters and digits is a
    stretch of its own, so that no harmless text around it can hide it.
    """
    worst = (0.0, 0, len(text))
    letters, missed = Counter[int](), Counter[int]()
    for token in TOKEN.finditer(text):
        word = token.group()
        stretch = token.start() // _STRETCH
        letters[stretch] += len(word)
        if not is_readable(word):
            missed[stretch] += len(word)
            if len(word) >= _BLOB:
                worst = max(worst, (1.0, *token.span()))
    for stretch in letters:
        start, end = stretch * _STRETCH, min((stretch + 2) * _STRETCH, len(text))
        both = letters[stretch] + letters[stretch + 1]
        share = (missed[stretch] + missed[stretch + 1]) / max(both, FEW_LETTERS)
        if share > worst[0]:
            worst = (share, start, end)
    return worst


def is_readable(word: str) -> bool:
    """Whether a word is known, short, a number, or has letters in an order that occurs in words.

    Other alphabets are not judged here, but a word of two alphabets is none.
    """
    if not word.isascii():
        letters = _ALPHABET_OF_ITS_OWN.sub("", word)
        return letters.isascii() or not any(map(str.isascii, filter(str.isalpha, letters)))
    if len(word) < _LONGEST_NUMBERED:
        word = _NO_LETTERS.sub("", word)  # "24fps" is judged by its letters
    if len(word) < _SHORTEST_JUDGED or word.isdigit() or is_word(word):
        return True
    return is_plausible(word)
