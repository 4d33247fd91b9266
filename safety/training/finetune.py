"""Fine-tunes the last layers of the pretrained encoder on labelled prompts."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from tokenizers import Tokenizer
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertModel

from safety.taxonomy import CONTENT_CATEGORIES
from safety.training.data import Row
from safety.training.targets import as_read, targets

_EPOCHS = 2
_BATCH = 32
_MOST_TOKENS = 48
_TRAINED_LAYERS = 3
_PEAK_RATE, _PEAK_HEAD_RATE = 2e-4, 1e-3
_WARM_UP = 0.1
_LARGEST_GRADIENT = 1.0
_DROPOUT = 0.1
_CHECKPOINT_STEPS = 50


class EncoderModel(nn.Module):
    """The encoder, the mean of its last states, and one linear layer. It reads texts of the same
    number of tokens, so that none needs padding."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.embeddings = encoder.embeddings
        self.first = encoder.encoder.layer[:-_TRAINED_LAYERS]
        self.last = encoder.encoder.layer[-_TRAINED_LAYERS:]
        self.dropout = nn.Dropout(_DROPOUT)
        self.head = nn.Linear(encoder.config.hidden_size, 1 + len(CONTENT_CATEGORIES))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits `(texts, 1 + categories)` of token ids `(texts, tokens)`."""
        return self.judge(self.read(ids))

    def read(self, ids: torch.Tensor) -> torch.Tensor:
        """What the layers that stay as they are make of a text: `(texts, tokens, features)`."""
        states: torch.Tensor = self.embeddings(ids)
        for layer in self.first:
            states = layer(states)
        return states

    def judge(self, states: torch.Tensor) -> torch.Tensor:
        """Logits of the states that `read` gives."""
        for layer in self.last:
            states = layer(states)
        logits: torch.Tensor = self.head(self.dropout(states.mean(1)))
        return logits


def finetune(
    rows: Sequence[Row],
    tokenizer: Tokenizer,
    encoder: BertModel,
    seed: int,
    checkpoint: Path,
    console: Console,
) -> EncoderModel:
    """Train on `rows`. A run that was stopped goes on from `checkpoint`, to the same result; one of
    other rows is of no use and is written over.

    Embeddings and the first layers stay as they are: words that no row has keep their neighbours,
    and what those layers make of a row is computed once.
    """
    torch.manual_seed(seed)
    model = EncoderModel(encoder).eval()
    encodings = tokenizer.encode_batch([as_read(row.text) for row in rows])
    texts = [encoding.ids[:_MOST_TOKENS] for encoding in encodings]
    states = _read(model, texts, console)
    batches = _batches([len(text) for text in texts], seed)
    optimiser = torch.optim.AdamW(
        [{"params": model.last.parameters()}, {"params": model.head.parameters()}]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        [_PEAK_RATE, _PEAK_HEAD_RATE],
        total_steps=len(batches),
        pct_start=_WARM_UP,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    wanted, importance = targets(rows)
    lesson = hashlib.sha256(repr((texts, wanted.tolist(), importance.tolist(), batches)).encode())
    done = 0
    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else {}
    if state.get("lesson") == lesson.hexdigest():
        done = state["done"]
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
    model.train()
    for step in track(range(done, len(batches)), "fine-tuning the encoder", console=console):
        batch = batches[step]
        logits = model.judge(torch.stack([states[row] for row in batch]))
        losses = binary_cross_entropy_with_logits(logits, wanted[batch], reduction="none")
        loss = (losses * importance[batch]).sum() / len(batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), _LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        if (step + 1) % _CHECKPOINT_STEPS == 0:
            state = {
                "lesson": lesson.hexdigest(),
                "done": step + 1,
                "model": model.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "random": torch.get_rng_state(),
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
    return model.eval()


@torch.no_grad()
def _read(
    model: EncoderModel, texts: Sequence[Sequence[int]], console: Console
) -> dict[int, torch.Tensor]:
    """By the number of its text, `(tokens, features)`."""
    states: dict[int, torch.Tensor] = {}
    lengths = [len(text) for text in texts]
    for batch in track(_of_one_length(lengths, range(len(texts))), "reading", console=console):
        read = model.read(torch.tensor([texts[row] for row in batch]))
        states.update(zip(batch, read, strict=True))
    return states


def _batches(lengths: Sequence[int], seed: int) -> list[list[int]]:
    """The rows of every step, over all epochs, in random order."""
    order = np.random.default_rng(seed)
    batches: list[list[int]] = []
    for _ in range(_EPOCHS):
        epoch = _of_one_length(lengths, order.permutation(len(lengths)).tolist())
        batches += [epoch[number] for number in order.permutation(len(epoch))]
    return batches


def _of_one_length(lengths: Sequence[int], rows: Sequence[int]) -> list[list[int]]:
    """The rows in batches of texts of the same length."""
    alike: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        alike[lengths[row]].append(row)
    return [
        group[start : start + _BATCH]
        for group in alike.values()
        for start in range(0, len(group), _BATCH)
    ]
