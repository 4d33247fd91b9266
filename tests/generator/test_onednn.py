"""The faster convolution kernel changes the decoded picture by rounding only."""

import torch

from generator.demo import architecture
from generator.onednn import prefer_onednn


@torch.no_grad()
def test_the_vae_decodes_to_the_same_picture():
    vae = architecture.vae()
    latents = torch.randn(1, 16, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    stock = vae.decode(latents).sample
    prefer_onednn(vae)
    assert torch.allclose(vae.decode(latents).sample, stock, atol=1e-5)
