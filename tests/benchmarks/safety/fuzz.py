"""Whether every text gets a decision, and how soon: `python -m tests.benchmarks.safety.fuzz`.

Classifier and policy must answer: an exception, or the block that stands in for one, is counted as
a failure. Times are processor time, so that a busy machine does not show.
"""

import argparse
import base64
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from safety import moderate

_MEGABYTE = 1_000_000
_MARKS = (
    "\0\x1b\r\n\t\u200b\u200d\u202e\u2066\u2069\ufeff\u0301\u0489\ufe0f\U000e0041\ud800\udfff\uffff"
)
_TEXT = (
    "a cat sleeps on a warm wall while the naked king of Spain tells voters that war has begun "
    "Tom Hanks opens a bank account and asks for the code einen Hund auf der Wiese 一只猫"
)
_WORDS = tuple(_TEXT.split())

Maker = Callable[[random.Random, int], str]


def _any_characters(source: random.Random, length: int) -> str:
    """Any code point but none excepted: unassigned ones, surrogates and controls are among them."""
    return "".join(chr(source.randrange(sys.maxunicode + 1)) for _ in range(length))


def _low_characters(source: random.Random, length: int) -> str:
    return "".join(chr(source.randrange(0x3000)) for _ in range(length))


def _marks(source: random.Random, length: int) -> str:
    """Words, with controls, joiners, combining marks and lone surrogates strewn in."""
    letters = list(_words(source, length))
    for place in range(0, len(letters), 3):
        letters[place] += source.choice(_MARKS) * source.choice((1, 1, 1, 20))
    return "".join(letters)[:length]


def _words(source: random.Random, length: int) -> str:
    return " ".join(source.choices(_WORDS, k=length // 4 + 1))[:length]


def _repeated(source: random.Random, length: int) -> str:
    """One short piece again and again: what backtracking patterns are slow at."""
    piece = source.choice((*_WORDS, *_MARKS, "a.", "((", "&#", "%41", "=?", "a ", "4/", "'s ", "-"))
    return (piece * length)[:length]


def _encoded(source: random.Random, length: int) -> str:
    inner = _words(source, length).encode()
    return base64.b64encode(inner).decode() if source.random() < 0.5 else inner.hex()


_MAKERS: dict[str, Maker] = {
    "any characters": _any_characters,
    "low characters": _low_characters,
    "words with marks": _marks,
    "words": _words,
    "one piece repeated": _repeated,
    "encoded words": _encoded,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    source = random.Random(options.seed)
    moderate("eine Katze schläft auf der warmen Mauer im Garten")  # loads every model
    milliseconds: dict[str, list[float]] = defaultdict(list)
    actions: dict[str, Counter[str]] = defaultdict(Counter)
    failures = []
    for number in track(range(options.count), "moderating"):
        kind = source.choice(list(_MAKERS))
        # Most are short, as prompts are; some are far over the policy's limit.
        length = _MEGABYTE if number % 200 == 0 else int(10 ** source.uniform(0, 4))
        text = _MAKERS[kind](source, length)
        kind = "a megabyte" if length == _MEGABYTE else kind
        started = time.process_time()
        try:
            decision = moderate(text)
        except Exception as error:  # what must never happen is counted, not raised
            failures.append((kind, number, repr(error)))
            continue
        milliseconds[kind].append(1000 * (time.process_time() - started))
        actions[kind][decision.action] += 1
        if any(reason.rule == "input.unanswered" for reason in decision.reasons):
            failures.append((kind, number, "unanswered"))

    headings = ("kind", "texts", "allow", "review", "block", "median ms", "99 in 100", "slowest")
    table = Table(title=f"{options.count} texts, {len(failures)} without an answer")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "kind" else "right", no_wrap=True)
    for kind, times in sorted(milliseconds.items()):
        counts = (str(actions[kind][action]) for action in ("allow", "review", "block"))
        figures = np.median(times), np.quantile(times, 0.99), max(times)
        table.add_row(kind, str(len(times)), *counts, *(f"{figure:.1f}" for figure in figures))
    Console().print(table)
    for failure in failures[:10]:
        Console().print(*failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
