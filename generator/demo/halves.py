"""A CogVideoXTransformer3DModel in two halves: the first reads what there is to be seen, the second
draws it. Together they are its `forward`."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from generator.demo import views
from generator.demo.views import View

READING = 3
"""So many of the six blocks are of the first half."""


@dataclass(frozen=True, slots=True)
class Middle:
    """Half-way states: of the picture's tokens (B, N, width), of the text's (B, 40, width), and the
    times' embedding (B, 128)."""

    picture: Tensor
    text: Tensor
    time: Tensor


def read(transformer: Any, latents: Tensor, words: Tensor, times: Tensor, view: View) -> Middle:
    """latents, noisy, of a view: (B, N, 16, height, width). words: (B, 40, 128). times: (B,)."""
    time = transformer.time_embedding(transformer.time_proj(times).to(latents.dtype))
    with views.only(transformer.patch_embed, view):
        states = transformer.patch_embed(words, latents)
    text, picture = states.tensor_split([words.shape[1]], dim=1)
    for block in transformer.transformer_blocks[:READING]:
        picture, text = block(hidden_states=picture, encoder_hidden_states=text, temb=time)
    return Middle(picture, text, time)


def draw(transformer: Any, middle: Middle, view: View) -> Tensor:
    """The latents of a view: (B, N, 16, height, width)."""
    picture, text = middle.picture, middle.text
    for block in transformer.transformer_blocks[READING:]:
        picture, text = block(hidden_states=picture, encoder_hidden_states=text, temb=middle.time)
    picture = transformer.norm_out(transformer.norm_final(picture), temb=middle.time)
    patch = transformer.config.patch_size
    frames, rows, columns = len(view.frames), view.rows.shape[-1], view.columns.shape[-1]
    patches = transformer.proj_out(picture).unflatten(2, (-1, patch, patch))
    placed = patches.unflatten(1, (frames, rows, columns)).permute(0, 1, 4, 2, 5, 3, 6)
    return torch.as_tensor(placed.flatten(5, 6).flatten(3, 4))
