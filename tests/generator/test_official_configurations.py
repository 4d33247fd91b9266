"""The real models' configurations, built without memory on the meta device.

Facts: the model table in the README of zai-org/CogVideo and diffusers' conversion script. What is
not named here is the default of the diffusers classes.
"""

import pytest
import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXTransformer3DModel

TRANSFORMERS = {
    "CogVideoX-2b": {"num_attention_heads": 30, "num_layers": 30},
    "CogVideoX-5b": {
        "num_attention_heads": 48,
        "num_layers": 42,
        "use_rotary_positional_embeddings": True,
    },
    "CogVideoX1.5-5B": {
        "num_attention_heads": 48,
        "num_layers": 42,
        "use_rotary_positional_embeddings": True,
        "patch_size_t": 2,
        "patch_bias": False,
        "sample_width": 300,
        "sample_height": 300,
        "sample_frames": 81,
    },
}


@pytest.mark.parametrize(
    ("name", "billions"),
    [("CogVideoX-2b", 1.69), ("CogVideoX-5b", 5.57), ("CogVideoX1.5-5B", 5.57)],
)
def test_transformer_size(name, billions):
    with torch.device("meta"):
        transformer = CogVideoXTransformer3DModel(**TRANSFORMERS[name])
    parameters = sum(parameter.numel() for parameter in transformer.parameters())
    assert round(parameters / 1e9, 2) == billions


def test_vae_shrinks_time_by_4_and_space_by_8():
    with torch.device("meta"):
        vae = AutoencoderKLCogVideoX().eval()
        with torch.no_grad():
            latents = vae.encode(torch.empty(1, 3, 9, 480, 720)).latent_dist.mode()
    assert latents.shape == (1, 16, 3, 60, 90)
