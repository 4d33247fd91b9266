"""Which alphabets a text is written in."""

import unicodedata


def readable_share(text: str) -> float:
    """Share (0..1) of a text's letters in the scripts the classifier was trained on.

    Those are Latin and Han. A text without letters counts as readable.
    """
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return 1.0
    return sum(map(_is_latin_or_han, letters)) / len(letters)


def _is_latin_or_han(letter: str) -> bool:
    if letter.isascii() or "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf":
        return True
    return unicodedata.name(letter, "").startswith("LATIN")
