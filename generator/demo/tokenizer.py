"""The tokenizer of the untrained demo: T5's class over a small vocabulary of its own.

Frequent words are whole pieces; anything else is spelled, letter by letter, and a character
outside ASCII becomes the unknown token. So every prompt tokenizes.
"""

import string

from transformers import T5Tokenizer

MAX_TOKENS = 226
"""The text length of the real models."""

_SPACE = "▁"  # how SentencePiece writes the blank before a word
_WORDS = """
a an the and or of in on at to from over under by with into through across behind near between
is are was be being it its this that there then while as for not no one two three four some many
he she they his her their i you we who which what when where up down left right forward backward
red orange yellow green blue purple pink black white grey gray brown golden silver dark bright
circle square triangle ball cube star ring shape line dot object background colour color
moves move moving rolls roll rolling bounces bounce bouncing spins spin spinning turns turn
grows grow growing shrinks shrink shrinking floats float floating falls fall falling stands
standing walks walk walking runs run running flies fly flying sits sitting looks looking
man woman child person people face hand eyes dog cat bird horse fish car boat ship train plane
house city street road tree trees forest flower flowers grass field mountain mountains river lake
sea ocean beach sky cloud clouds sun moon night day morning evening rain snow wind fire water
light shadow camera scene video shot view close slow slowly fast quickly small large big little
tall long short old young new beautiful soft warm cold detailed style cinematic wooden stone glass
"""
_ENDINGS = ("s", "ed", "ing", "er", "ly", "es", "th", "on", "an", "in", "re", "st", "en", "al")


def tokenizer() -> T5Tokenizer:
    """A fresh tokenizer; ids 0, 1 and 2 are padding, end and unknown, as in T5."""
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    letters = [(piece, -8.0) for piece in (_SPACE, *string.printable.strip())]
    endings = [(piece, -6.0) for piece in _ENDINGS]
    words = [(_SPACE + word, -4.0) for word in dict.fromkeys(_WORDS.split())]
    return T5Tokenizer(
        vocab=special + letters + endings + words, extra_ids=0, model_max_length=MAX_TOKENS
    )
