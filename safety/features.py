"""Hashed n-grams of a text: what the shipped classifier sees.

Feature hashing (Weinberger et al. 2009) keeps the model small and needs no vocabulary, so no
word list ships with it. Character n-grams survive misspelling; word n-grams carry meaning.
"""

import re
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 17
"""Size of the feature space: the lower half holds word n-grams, the upper half characters."""

_HALF = BUCKETS // 2
_MIX = np.uint64(0x9E3779B97F4A7C15)
_CHARACTER_LENGTHS = (3, 4, 5)
_WORD = re.compile(r"[a-z0-9']+|[^\W_]")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s")
PART_MARGIN = 0.75
"""A part of a prompt must score this much more (in logits) than the whole to count the same.

A prompt has many parts, and each has fewer words to make up for an unlucky one: without a margin,
parts stop ordinary long prompts before wholes stop harmful ones. With a wider margin, padding
around a harmful request hides more of it.
"""

_WINDOW_WORDS = 40
_SENTENCE_WORDS = 10


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


def windows(text: str) -> Iterator[str]:
    """The windows of 40 words, overlapping by half, of a long text.

    A harmful sentence in a page of harmless ones is diluted in the whole but not in its window.
    """
    words = text.split()
    if len(words) > _WINDOW_WORDS * 3 // 2:
        for start in range(0, len(words) - _WINDOW_WORDS // 2, _WINDOW_WORDS // 2):
            yield " ".join(words[start : start + _WINDOW_WORDS])


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, short ones together with the next.

    Padding dilutes a short request even in a window; it seldom shares its sentence.
    """
    passage: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        passage += sentence.split()
        if len(passage) >= _SENTENCE_WORDS:
            yield " ".join(passage)
            passage = []
    yield " ".join(passage)


def _bucket(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _MIX
    return (mixed >> np.uint64(48)).astype(np.int64)  # 16 bits: one half of the feature space
