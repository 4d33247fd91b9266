"""Weights that turn CogVideoX's VAE decoder into a smooth linear interpolator.

A decoder at random weights shows grey. Set like this it carries three latent channels straight to
red, green and blue and blurs between latents, so that the noise of an untrained model shows as
coloured clouds: content that moves and that a watermark and an encoder can work on.
"""

from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_cogvideox import CogVideoXResnetBlock3D
from torch import Tensor, nn

_CONTRAST = 0.4  # standard deviation of the output, in a range of -1..1


@torch.no_grad()
def make_linear(decoder: Any) -> None:
    """Overwrite the weights of `decoder` in place: a CogVideoXDecoder3D whose last block has at
    least 6 channels.

    silu(x) - silu(-x) = x carries values through the last activation, so the last block holds
    every colour twice, with both signs.
    """
    for block in decoder.modules():
        if isinstance(block, CogVideoXResnetBlock3D):
            _clear(block.conv2)  # only the shortcut remains
            if block.in_channels != block.out_channels:
                _clear(block.conv_shortcut)
                _connect(block.conv_shortcut, torch.ones(1, 1, 1))

    _clear(decoder.conv_in.conv)
    _connect(decoder.conv_in.conv, torch.full((3, 3, 3), 1 / 27))

    binomial = torch.tensor([1.0, 2.0, 1.0]) / 4
    for up in decoder.up_blocks:
        for upsampler in up.upsamplers or ():
            _clear(upsampler.conv)
            _connect(upsampler.conv, torch.outer(binomial, binomial))

    signed = decoder.up_blocks[-1].resnets[0].conv_shortcut
    _clear(signed)
    _clear(decoder.conv_out.conv)
    for colour in range(3):
        for channel, sign in ((2 * colour, 1.0), (2 * colour + 1, -1.0)):
            signed.weight[channel, colour, 0, 0, 0] = sign
            decoder.conv_out.conv.weight[colour, channel, :, 1, 1] = sign * _CONTRAST / 3

    _clear(decoder.norm_out.conv_y.conv)
    _clear(decoder.norm_out.conv_b.conv)
    nn.init.ones_(decoder.norm_out.conv_y.conv.bias)


def _clear(convolution: nn.Module) -> None:
    for parameter in convolution.parameters():
        nn.init.zeros_(parameter)


def _connect(convolution: Any, kernel: Tensor) -> None:
    """Make a convolution filter its first three channels with `kernel`, without mixing them."""
    for channel in range(3):
        convolution.weight[channel, channel] = kernel
