"""The demo checkpoint's parts: the classes of CogVideoX, small, at seeded random weights.

Each token of the transformer covers four by four latents, 32 by 32 pixels and four frames, so that
a whole clip is 312 tokens and renders in seconds on two cores.
"""

from typing import Any

import diffusers
import torch
from torch import nn
from transformers import T5Config, T5EncoderModel

from generator.demo.linear_codec import make_linear
from generator.demo.tokenizer import MAX_TOKENS, tokenizer
from generator.demo.world import FRAMES, FRAMES_TOGETHER, HEIGHT, WIDTH

_classes: Any = diffusers  # its type annotations are partial

_TEXT_DIM = 128
_PATCH = 4


def vae() -> Any:
    """AutoencoderKLCogVideoX with the real model's compression: 8 x 8 pixels and 4 frames to 16
    latent channels. It starts as a linear codec."""
    model = _classes.AutoencoderKLCogVideoX(
        block_out_channels=(8, 16, 32, 64),
        layers_per_block=1,
        norm_num_groups=1,
        sample_width=WIDTH,
        sample_height=HEIGHT,
    )
    make_linear(model)
    return model


def text_encoder() -> Any:
    """T5's encoder, four layers deep."""
    return T5EncoderModel(
        T5Config(
            vocab_size=len(tokenizer()),
            d_model=_TEXT_DIM,
            d_kv=32,
            d_ff=384,
            num_heads=4,
            num_layers=4,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
        )
    )


def transformer() -> Any:
    """CogVideoX's expert transformer with positions added to the tokens, as CogVideoX-2b has them:
    with rotary ones a token of pure noise could tell where it is only through attention. They are
    counted in latents and frames.

    All gates start open at every time, as in a transformer without gates: short of steps, there are
    none to spare for opening them.
    """
    model = _classes.CogVideoXTransformer3DModel(
        num_attention_heads=3,
        attention_head_dim=64,
        num_layers=6,
        patch_size=_PATCH,
        time_embed_dim=128,
        text_embed_dim=_TEXT_DIM,
        max_text_seq_length=MAX_TOKENS,
        spatial_interpolation_scale=1 / _PATCH,
        temporal_interpolation_scale=1 / FRAMES_TOGETHER,
        sample_width=WIDTH // 8,
        sample_height=HEIGHT // 8,
        sample_frames=FRAMES,
    )
    for block in model.transformer_blocks:
        for norm in (block.norm1, block.norm2):
            nn.init.zeros_(norm.linear.weight)
            # Shifts, scales (less one) and gates of the video's tokens, then of the text's.
            values = torch.tensor([0.0, 0.0, 1.0, 0.0, 0.0, 1.0])
            norm.linear.bias.data = values.repeat_interleave(len(norm.linear.bias) // 6)
    return model


def scheduler() -> Any:
    """The scheduler of CogVideoX, with noise that holds no signal at the end.

    Only the prediction differs: the clean latents instead of the velocity. A token of 256 numbers
    passes through 192 here, where a velocity, which is mostly noise, would lose a quarter of itself
    and leave that much noise in the picture; drawn pictures lose nothing (Li and He, 2025, "Back to
    Basics: Let Denoising Generative Models Denoise").
    """
    return _classes.CogVideoXDDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        prediction_type="sample",
        rescale_betas_zero_snr=True,
        snr_shift_scale=3.0,
        timestep_spacing="trailing",
    )


def pipeline(vae: Any, text_encoder: Any, transformer: Any) -> Any:
    """The CogVideoXPipeline of these parts."""
    return _classes.CogVideoXPipeline(
        tokenizer=tokenizer(),
        text_encoder=text_encoder.eval(),
        vae=vae.eval(),
        transformer=transformer.eval(),
        scheduler=scheduler(),
    )
