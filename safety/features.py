"""Hashed n-grams of a text: what the linear model sees.

Feature hashing (Weinberger et al. 2009) keeps the model small and needs no vocabulary, so no
word list ships with it. Character n-grams survive misspelling; word n-grams carry meaning.
"""

import re
import zlib

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 17
"""Size of the feature space: the lower half holds word n-grams, the upper half characters."""

_HALF = BUCKETS // 2
_MIX = np.uint64(0x9E3779B97F4A7C15)
_CHARACTER_LENGTHS = (3, 4, 5)
_WORD = re.compile(r"[a-z0-9']+|[^\W_]")


def hashed_ngrams(text: str) -> NDArray[np.int64]:
    """Sorted distinct bucket numbers, in 0..BUCKETS-1, of a text's word and character n-grams.

    Words give n = 1, 2; characters give n = 3, 4, 5 over words joined by single spaces. Han
    characters count as words. Texts without a word give no features.
    """
    words = _WORD.findall(text.lower())
    if not words:
        return np.zeros(0, np.int64)
    word_hashes = np.array([zlib.crc32(word.encode()) for word in words], np.uint64)
    hashes = [_bucket(word_hashes), _bucket(word_hashes[:-1] * _MIX + word_hashes[1:])]
    points = np.frombuffer(f" {' '.join(words)} ".encode("utf-32-le"), np.uint32).astype(np.uint64)
    for length in _CHARACTER_LENGTHS:
        rolling = np.full(max(points.size - length + 1, 0), length, np.uint64)
        for offset in range(length if rolling.size else 0):
            rolling = rolling * _MIX + points[offset : offset + rolling.size]
        hashes.append(_bucket(rolling) + _HALF)
    return np.unique(np.concatenate(hashes))


def _bucket(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _MIX
    return (mixed >> np.uint64(48)).astype(np.int64)  # 16 bits: one half of the feature space
