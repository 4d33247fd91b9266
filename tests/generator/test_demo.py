"""The shipped demo checkpoint: whole, small, readable by stock diffusers, any prompt tokenizes."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from generator import sums
from generator.demo import SHIPPED
from generator.demo.tokenizer import MAX_TOKENS, tokenizer

WORDS = tokenizer()


def test_it_is_whole_and_small_enough_to_ship():
    assert sums.changed(SHIPPED) == []
    sizes = [path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()]
    assert max(sizes) <= 16e6
    assert sum(sizes) <= 30e6


def test_stock_diffusers_runs_it_without_signet():
    code = """
import sys
from diffusers import CogVideoXPipeline
pipe = CogVideoXPipeline.from_pretrained(sys.argv[1])
frames = pipe(
    "a red circle", width=64, height=64, num_frames=9, num_inference_steps=1,
    max_sequence_length=40, output_type="np",
).frames
assert frames.shape == (1, 9, 64, 64, 3), frames.shape
assert "generator" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, str(SHIPPED)], check=True, timeout=120)


@given(st.text(max_size=200))
def test_every_prompt_tokenizes_and_ends(prompt):
    ids = WORDS(prompt, padding="max_length", max_length=MAX_TOKENS, truncation=True).input_ids
    assert len(ids) == MAX_TOKENS
    assert 1 in ids
    assert all(0 <= token < len(WORDS) for token in ids)


def test_frequent_words_are_whole_pieces():
    pieces = WORDS.convert_ids_to_tokens(WORDS("a red circle zigzags").input_ids)
    assert pieces[:3] == ["▁a", "▁red", "▁circle"]
    assert "<unk>" not in pieces
