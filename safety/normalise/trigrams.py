"""Whether letters follow each other as they do in words, known or not."""

import math
from collections import Counter
from functools import cache

from safety.normalise.words import known_words

_MODEL_WORDS = 20_000
# Mean log probability of a letter after two others. Words of Romance and Germanic languages lie
# above, and English words that were glued together; random letters and ciphers below.
_LEAST_PLAUSIBLE = -3.5
_MOST_LETTERS = 60


def is_plausible(letters: str) -> bool:
    """Whether the letters (the first 60 of them) could be a word, or words without spaces."""
    logs = _log_probabilities()
    padded = f"^{letters[:_MOST_LETTERS].lower()}$"
    places = range(len(padded) - 2)
    total = sum(logs.get(padded[at : at + 3], logs[""]) for at in places)
    return total >= _LEAST_PLAUSIBLE * len(places)


@cache
def _log_probabilities() -> dict[str, float]:
    """Of the last of three letters after the two others; of any that never occur under "".

    `^` and `$` mark the ends of a word.
    """
    triples, pairs = Counter[str](), Counter[str]()
    for word in known_words()[:_MODEL_WORDS]:
        padded = f"^{word}$"
        for at in range(len(padded) - 2):
            triples[padded[at : at + 3]] += 1
            pairs[padded[at : at + 2]] += 1
    logs = {triple: math.log(count / pairs[triple[:2]]) for triple, count in triples.items()}
    return logs | {"": math.log(0.05 / (sum(pairs.values()) / len(pairs)))}
