"""Builds the untrained demo checkpoint: the classes of CogVideoX, small, at seeded random weights.

It exists so that everything around the weights (tokenizer, text encoder, expert transformer,
guidance, scheduler, 3-D VAE, memory, progress, cancel) runs for real on a CPU. It has learned
nothing: what it shows does not depend on the meaning of the prompt.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import diffusers
import torch
from transformers import T5Config, T5EncoderModel

from generator.demo import architecture
from generator.demo.clouds import make_linear
from generator.demo.tokenizer import MAX_TOKENS, tokenizer

_classes: Any = diffusers  # its type annotations are partial

RECIPE = 2
"""Raise it whenever the built weights change: it names the cache folder."""

_WIDTH, _HEIGHT, _FRAMES = 192, 128, 49
_TEXT_DIM = 64


def build(folder: Path) -> Path:
    """Write the untrained checkpoint to `folder`, unless one is there already; return `folder`.

    The folder appears whole or not at all: it is written beside its place and renamed, so that
    parallel callers end up with one of their equal results.
    """
    if (folder / "model_index.json").is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        pipeline().save_pretrained(draft)
        draft.chmod(0o755)
        os.rename(draft, folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not (folder / "model_index.json").is_file():  # nobody else finished it meanwhile
            raise
    return folder


def pipeline() -> Any:
    """The untrained CogVideoXPipeline, float32 on the CPU: the same weights on every call, and the
    global random state of torch left as it was."""
    words = tokenizer()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(RECIPE)
        text_encoder: Any = T5EncoderModel(
            T5Config(
                vocab_size=len(words),
                d_model=_TEXT_DIM,
                d_kv=16,
                d_ff=128,
                num_heads=4,
                num_layers=2,
                feed_forward_proj="gated-gelu",
                dropout_rate=0.0,
            )
        )
        transformer = _classes.CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=64,
            num_layers=2,
            time_embed_dim=64,
            text_embed_dim=_TEXT_DIM,
            max_text_seq_length=MAX_TOKENS,
            use_rotary_positional_embeddings=True,
            sample_width=_WIDTH // 8,
            sample_height=_HEIGHT // 8,
            sample_frames=_FRAMES,
        )
        vae = _classes.AutoencoderKLCogVideoX(
            block_out_channels=(8, 16, 32, 32),
            layers_per_block=1,
            norm_num_groups=2,
            sample_width=_WIDTH,
            sample_height=_HEIGHT,
        )
    make_linear(vae.decoder)
    return architecture.pipeline(vae, text_encoder, transformer)
