"""The untrained demo checkpoint: repeatable, built once, readable by stock diffusers."""

import subprocess
import sys

import torch
from diffusers import CogVideoXPipeline
from hypothesis import given
from hypothesis import strategies as st

from generator import demo
from generator.demo.build import build
from generator.demo.tokenizer import MAX_TOKENS, tokenizer

WORDS = tokenizer()


def test_built_twice_the_weights_are_the_same(folder, tmp_path):
    again = build(tmp_path / "again")
    for part in ("transformer", "vae", "text_encoder"):
        for path in (folder / part).glob("*.safetensors"):
            assert path.read_bytes() == (again / part / path.name).read_bytes()


def test_building_leaves_the_callers_random_numbers_alone(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    build(tmp_path / "model")
    assert torch.equal(torch.rand(3), expected)


def test_an_existing_folder_is_left_alone(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert build(folder) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_parallel_first_uses_share_one_checkpoint(tmp_path):
    code = "from generator import demo; print(demo.checkpoint())"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={"XDG_CACHE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    answers = {process.communicate(timeout=120)[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0]
    assert len(answers) == 1
    if not (demo.SHIPPED / "model_index.json").is_file():
        assert len(list((tmp_path / "signet").iterdir())) == 1, "a draft was left behind"


def test_stock_diffusers_runs_the_folder(folder):
    pipe = CogVideoXPipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    frames = pipe(
        "a boat", width=64, height=48, num_frames=9, num_inference_steps=1, output_type="pt"
    ).frames
    assert frames.shape == (1, 9, 3, 48, 64)


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
