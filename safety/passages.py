"""The passages of a prompt that the classifier scores: every view of it, whole and in parts."""

import re
from collections.abc import Iterator

from safety.likeness import anonymised
from safety.normalise import Reading

PART_MARGIN = 1.0
"""A part of a prompt must score this much more (in logits) than the whole to count the same.

A prompt has many parts, and each has fewer words to make up for an unlucky one: without a margin,
parts stop ordinary long prompts before wholes stop harmful ones. With a wider margin, padding
around a harmful request hides more of it. Chosen on the calibration rows.
"""

WINDOW_WORDS = 40
"""A long text is read in windows of so many words."""

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s")
_SENTENCE_WORDS = 10


def passages(reading: Reading) -> dict[str, float]:
    """Distinct passages, without names of people, the whole of the plainest view first; and the
    margin of each."""
    margins: dict[str, float] = {}
    for view in reading.views:
        whole = " ".join(anonymised(view.text).split())
        margins[whole] = 0.0
        for window in _windows(whole):
            margins.setdefault(window, PART_MARGIN)
    for sentence in _sentences(anonymised(reading.content.text)):
        margins.setdefault(sentence, PART_MARGIN)
    return margins


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a text, short ones together with the next, the last with the one before.

    Padding dilutes a short request even in a window; it seldom shares its sentence.
    """
    sentences: list[list[str]] = [[]]
    for sentence in _SENTENCE_END.split(text):
        if len(sentences[-1]) >= _SENTENCE_WORDS:
            sentences.append([])
        sentences[-1] += sentence.split()
    if len(sentences) > 1 and len(sentences[-1]) < _SENTENCE_WORDS:
        last = sentences.pop()
        sentences[-1] += last
    return map(" ".join, sentences)


def _windows(text: str) -> Iterator[str]:
    """The windows of 40 words, overlapping by half, of a long text.

    A harmful sentence in a page of harmless ones is diluted in the whole but not in its window.
    """
    words = text.split()
    if len(words) > WINDOW_WORDS * 3 // 2:
        for start in range(0, len(words) - WINDOW_WORDS // 2, WINDOW_WORDS // 2):
            yield " ".join(words[start : start + WINDOW_WORDS])
