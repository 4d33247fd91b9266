"""The tokenizer of the demo: T5's class over a small vocabulary of its own.

The words of the captions, and frequent ones besides, are whole pieces; anything else is spelled,
letter by letter, and a character outside ASCII becomes the unknown token. So every prompt
tokenizes.
"""

import string

import torch
from torch import Tensor
from transformers import T5Tokenizer

from generator.demo.everyday import VOCABULARY

MAX_TOKENS = 40
"""The text length of the demo, the end token included."""

_SPACE = "▁"  # how SentencePiece writes the blank before a word
_ENDINGS = ("ed", "ing", "er", "ly", "es", "th", "on", "an", "in", "re", "st", "en", "al")


def encode(words: T5Tokenizer, texts: list[str]) -> Tensor:
    """Ids of the texts as the pipeline makes them, padded or cut: int64 (N, 40)."""
    return torch.as_tensor(
        words(
            texts,
            padding="max_length",
            max_length=MAX_TOKENS,
            truncation=True,
            return_tensors="pt",
        ).input_ids
    )


def tokenizer() -> T5Tokenizer:
    """A fresh tokenizer; ids 0, 1 and 2 are padding, end and unknown, as in T5.

    Every word is there a second time with a capital: T5's class keeps no lower-casing of ours when
    it is saved and loaded.
    """
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    letters = [(piece, -8.0) for piece in (_SPACE, *string.printable.strip())]
    endings = [(piece, -6.0) for piece in _ENDINGS]
    cased = dict.fromkeys([*VOCABULARY, *(word.capitalize() for word in VOCABULARY)])
    words = [(_SPACE + word, -4.0) for word in cased]
    return T5Tokenizer(
        vocab=special + letters + endings + words, extra_ids=0, model_max_length=MAX_TOKENS
    )
