"""Writes trained parts as a checkpoint in the folder format of diffusers' CogVideoXPipeline."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from generator import sums
from generator.demo import architecture

_LARGEST_FILE = "16MB"
_CARD = "README.md"


def write(folder: Path, vae: Any, text_encoder: Any, transformer: Any) -> None:
    """Write a checkpoint, whole or not at all, in place of one that is there, whose model card
    stays.

    VAE and transformer are written, and left, in half precision. The text encoder is not: where no
    dtype is asked for, transformers loads it as it was saved, but diffusers loads the others in
    single precision, and the pipeline would stumble over the difference.
    """
    for part in (vae, transformer):
        nn.Module.to(part, "cpu", torch.float16)
        part.register_to_config(_name_or_path="")  # a folder of the machine that trained it
    parts = (vae, text_encoder.cpu(), transformer)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    architecture.pipeline(*parts).save_pretrained(draft, max_shard_size=_LARGEST_FILE)
    sums.write(draft)
    if (card := folder / _CARD).is_file():
        shutil.copy(card, draft)
    draft.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
