"""Copies of training rows with a harmless prompt before or after them, label kept.

A long prompt is judged in windows, and a window may hold a request and what stands around it. A
model that has seen requests only by themselves takes harmless words beside one as evidence against
harm. As many harmless prompts are padded as harmful ones, so that padding itself says nothing.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from safety.passages import WINDOW_WORDS
from safety.signals import find_signals
from safety.training.data import Row

_ONE_IN = 4
_MOST_WORDS = WINDOW_WORDS * 5 // 8


def padded_rows(rows: Sequence[Row], seed: int) -> list[Row]:
    """A window of words around one in four of the short, clearly harmful English prompts, and
    around as many ordinary ones. The same rows and seed give the same copies.

    A copy keeps the group and source of its row, but is of its own tier, as in counterfactual_rows.
    """
    source = random.Random(seed)  # noqa: S311  # reproducible, not secret
    short = [row for row in rows if row.language == "en" and len(row.text.split()) <= _MOST_WORDS]
    harmful = [row for row in short if row.is_clear_harm][::_ONE_IN]
    # None that shows a child: it could come to stand beside sexual content.
    ordinary = [row for row in short if row.is_ordinary and not _shows_minor(row.text)]
    chosen = [*harmful, *source.sample(ordinary, min(len(harmful), len(ordinary)))]
    return list(_padded(chosen, ordinary, source))


def _padded(chosen: Sequence[Row], ordinary: Sequence[Row], source: random.Random) -> Iterator[Row]:
    for row in chosen:
        room = WINDOW_WORDS - len(row.text.split())
        padding: list[str] = []
        while len(padding) < room:
            padding += f"{source.choice(ordinary).text.rstrip('.')}.".split()
        before = source.randrange(room + 1)
        around = [*padding[:before], f"{row.text.rstrip('.')}.", *padding[before:room]]
        yield replace(row, text=" ".join(around), tier="padded")


def _shows_minor(text: str) -> bool:
    return any(signal.category == "minors" for signal in find_signals(text))
