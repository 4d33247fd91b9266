"""Which alphabets a text is written in."""

import unicodedata


def readable_share(text: str) -> float:
    """Share (0..1) of a text's letters that are Latin, the script the classifier was measured in.

    A text without letters counts as readable.
    """
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return 1.0
    return sum(map(_is_latin, letters)) / len(letters)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
