"""A text that was read out of a prompt and still knows which characters it came from."""

from collections.abc import Iterable
from dataclasses import dataclass

Edit = tuple[int, int, str]
"""Replace the half-open range of a text by another text. Edits of one text come in order and do
not overlap."""


@dataclass(frozen=True)
class View:
    """One reading of a prompt. `text[i]` was read from the prompt's characters `starts[i]` to
    `ends[i]` (exclusive)."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, prompt: str) -> "View":
        """The prompt itself."""
        return cls(prompt, tuple(range(len(prompt))), tuple(range(1, len(prompt) + 1)))

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the prompt that `text[start:end]` (not empty) was read from.

        It covers all of it, whatever its order: the text may run backwards.
        """
        return min(self.starts[start:end]), max(self.ends[start:end])

    def edited(self, edits: Iterable[Edit]) -> "View":
        """A view with changes made. Replacements of the same length keep the alignment of every
        character; others come from all that they replace, insertions from the next character."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for start, end, replacement in edits:
            text += (self.text[position:start], replacement)
            starts += self.starts[position:start]
            ends += self.ends[position:start]
            if len(replacement) == end - start:
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            elif replacement:
                first, last = self.source_span(start, max(end, start + 1))
                starts += [first] * len(replacement)
                ends += [last] * len(replacement)
            position = end
        if not text:
            return self
        text.append(self.text[position:])
        starts += self.starts[position:]
        ends += self.ends[position:]
        return View("".join(text), tuple(starts), tuple(ends))

    def backwards(self) -> "View":
        """The text from its end to its beginning."""
        return View(self.text[::-1], self.starts[::-1], self.ends[::-1])
