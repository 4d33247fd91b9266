"""A prompt as data: whatever it says, it can neither end its own place nor begin another.

- Line breaks become spaces, so it cannot write a line of its own, such as an answer.
- Behind every "<" comes a space, which breaks the markers of all templates, be they tokens or text.
- Every other token that the tokenizer knows beside its vocabulary ("[SEP]") is broken likewise.

What is asked and the prompt are then made to tokens apart, and the prompt's tokens are checked.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

OVERLAP = 8
"""One part in so many of a window is in the next one, too."""

_MARK = "\ue000"
"""Stands for the prompt while a template is filled in."""


class TemplateError(ValueError):
    """The chat template does not show a prompt exactly once."""


def as_data(text: str, added: Sequence[str]) -> str:
    """`text` on one line, without any of the tokens `added`."""
    one_line = " ".join(text.encode("utf-8", "replace").decode().split())
    harmless = re.sub(r"<(?! )", "< ", one_line)
    for marker in (token.strip() for token in added):
        while len(marker) > 1 and marker in harmless:  # broken parts may make it up anew
            harmless = harmless.replace(marker, f"{marker[0]} {marker[1:]}")
    return harmless


def encode(text: str, tokenizer: Any) -> list[int]:
    """The tokens of a prompt. Raises ValueError if any of them could be taken for a marker."""
    added = tokenizer.get_added_vocab()
    data = as_data(text, tuple(added))
    ids: list[int] = tokenizer(data, add_special_tokens=False, verbose=False)["input_ids"]
    markers = {number for token, number in added.items() if len(token.strip()) > 1}
    if not markers.isdisjoint(set(ids) - {tokenizer.unk_token_id}):
        raise ValueError("the prompt keeps a marker of the tokenizer")
    return ids


def windows(ids: list[int], room: int) -> Iterator[list[int]]:
    """The tokens in overlapping pieces of at most `room`, at least one."""
    step = room - room // OVERLAP
    yield ids[:room]
    for start in range(step, len(ids) - room + step, step):
        yield ids[start : start + room]


def around_prompt(tokenizer: Any, *, generation_prompt: bool, **arguments: Any) -> tuple[str, str]:
    """What the checkpoint's chat template writes before and behind a prompt. Raises
    TemplateError."""
    # Some templates take a plain text, others, of models that also see, a list of parts.
    for content in (_MARK, [{"type": "text", "text": _MARK}]):
        try:
            filled = tokenizer.apply_chat_template(
                [{"role": "user", "content": content}],
                tokenize=False,
                add_generation_prompt=generation_prompt,
                **arguments,
            )
        except Exception as error:  # a template may raise anything
            reason = f"the chat template fails: {error}"
            continue
        before, mark, behind = filled.partition(_MARK)
        if mark and _MARK not in behind:
            return before, behind
        reason = "the chat template does not show the prompt exactly once"
    raise TemplateError(reason)
