"""Fine-tuning that was stopped goes on to the same result, and only with the same rows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from safety.classifier import TOKENIZER_FILE, WEIGHTS_PATH
from safety.training.data import Row
from safety.training.finetune import EncoderModel, finetune

# So many lengths that two epochs have a few steps more than one checkpoint.
ROWS = [
    Row("cat " * length, label, (), "made", "t2v", "benign", "en", f"{label} {length}")
    for length in range(1, 27)
    for label in ("allow", "block")
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of so small a model spend their time waiting for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def trained(rows: list[Row], checkpoint: Path) -> torch.Tensor:
    """The head of a tiny encoder, made and trained with one seed."""
    tokenizer = Tokenizer.from_file(str(WEIGHTS_PATH.with_name(TOKENIZER_FILE)))
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=16,
    )
    torch.manual_seed(1)
    encoder = BertModel(config, add_pooling_layer=False)
    model: EncoderModel = finetune(rows, tokenizer, encoder, 1, checkpoint, Console(quiet=True))
    return model.head.weight.detach()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, torch.Tensor]:
    """The last checkpoint of a run, and its result."""
    checkpoint = tmp_path_factory.mktemp("run") / "checkpoint"
    return checkpoint, trained(ROWS, checkpoint)


def test_a_stopped_run_goes_on_to_the_same_result(finished: tuple[Path, torch.Tensor]) -> None:
    checkpoint, head = finished
    assert 0 < torch.load(checkpoint, weights_only=True)["done"] < 2 * len(ROWS)
    assert torch.equal(trained(ROWS, checkpoint), head)


def test_a_checkpoint_of_other_rows_is_not_gone_on_from(
    finished: tuple[Path, torch.Tensor], tmp_path: Path
) -> None:
    others = [replace(row, label="allow") for row in ROWS]
    stale = tmp_path / "stale"
    stale.write_bytes(finished[0].read_bytes())
    assert torch.equal(trained(others, stale), trained(others, tmp_path / "none"))
