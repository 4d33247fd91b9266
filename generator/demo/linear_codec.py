"""Starts CogVideoX's VAE as a linear codec: block averages in, smooth interpolation out.

From random weights a small VAE spends thousands of steps on learning to carry a flat colour through
its normalisations. Set like this it does so from the first step, and training adds the detail.
Three devices: silu(x) - silu(-x) = x carries a value through an activation if it is there with
both signs; constant channels keep a normalisation from dividing a colour by itself; residual
branches start at zero, so that only shortcuts are left.
"""

import math
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_cogvideox import CogVideoXResnetBlock3D
from torch import Tensor, nn

_COLOURS = 3
_CONSTANT = 6.0  # colours lie within -1..1
DEVIATION = 0.03
"""Of the posterior, the same everywhere."""
_DETAIL = 0.3
"""What is left of the random weights that carry whatever is not an average."""
_SIGNED = 2 * _COLOURS + 2


@torch.no_grad()
def make_linear(vae: Any) -> None:
    """Overwrite weights of an AutoencoderKLCogVideoX in place.

    Every level needs at least 8 channels, and the number of channels has to change on the way into
    the last one; the normalisations need one group.
    """
    for block in vae.modules():
        if isinstance(block, CogVideoXResnetBlock3D):
            _clear(block.conv2)
            if block.in_channels != block.out_channels:
                _carry(block.conv_shortcut, torch.ones(1, 1, 1))
    _encoder(vae.encoder)
    _decoder(vae.decoder)


def _encoder(encoder: Any) -> None:
    _carry(encoder.conv_in.conv, _centre(3))
    for down in encoder.down_blocks:
        for downsampler in down.downsamplers or ():
            # The picture is padded on the right and below: the mean of the first two by two.
            kernel = torch.zeros(3, 3)
            kernel[:2, :2] = 0.25
            _carry(downsampler.conv, kernel)
    _sign(_last_shortcut(encoder.down_blocks))
    _join(encoder.conv_out.conv)
    out = encoder.conv_out.conv
    channels = out.out_channels // 2
    out.weight[channels:] = 0
    nn.init.constant_(out.bias[channels:], 2 * math.log(DEVIATION))


def _decoder(decoder: Any) -> None:
    _carry(decoder.conv_in.conv, _centre(3))
    binomial = torch.tensor([1.0, 2.0, 1.0]) / 4
    for up in decoder.up_blocks:
        for upsampler in up.upsamplers or ():
            _carry(upsampler.conv, torch.outer(binomial, binomial))
    _sign(_last_shortcut(decoder.up_blocks))
    for name in ("conv_y", "conv_b"):
        _clear(getattr(decoder.norm_out, name).conv)
    nn.init.ones_(decoder.norm_out.conv_y.conv.bias)
    _clear(decoder.conv_out.conv)
    _join(decoder.conv_out.conv)


def _last_shortcut(blocks: Any) -> Any:
    """The last convolution on a shortcut: where the number of channels changes."""
    shortcuts = [
        resnet.conv_shortcut
        for block in blocks
        for resnet in block.resnets
        if resnet.in_channels != resnet.out_channels
    ]
    return shortcuts[-1]


def _carry(convolution: Any, kernel: Tensor) -> None:
    """Let the first three channels pass through `kernel`, apart from the others."""
    convolution.weight.mul_(_DETAIL)
    convolution.weight[:_COLOURS] = 0
    for channel in range(_COLOURS):
        convolution.weight[channel, channel] = kernel
    nn.init.zeros_(convolution.bias)


def _sign(shortcut: Any) -> None:
    """Give out each colour with both signs, and the constant too."""
    shortcut.weight[:_SIGNED] = 0
    nn.init.zeros_(shortcut.bias)
    for channel in range(_SIGNED):
        sign = 1.0 if channel % 2 == 0 else -1.0
        if channel < 2 * _COLOURS:
            shortcut.weight[channel, channel // 2] = sign
        else:
            shortcut.bias[channel] = sign * _CONSTANT


def _join(convolution: Any) -> None:
    """Make three values of the normalised channels with both signs."""
    channels = convolution.in_channels
    scale = _CONSTANT * (2 / channels) ** 0.5  # what the normalisation divided by
    convolution.weight[:_COLOURS] = 0
    for channel in range(2 * _COLOURS):
        sign = 1.0 if channel % 2 == 0 else -1.0
        convolution.weight[channel // 2, channel, -1, 1, 1] = sign * scale
    nn.init.zeros_(convolution.bias[:_COLOURS])


def _centre(side: int) -> Tensor:
    """A causal kernel that passes the present value."""
    kernel = torch.zeros(side, side, side)
    kernel[-1, side // 2, side // 2] = 1
    return kernel


def _clear(convolution: nn.Module) -> None:
    for parameter in convolution.parameters():
        nn.init.zeros_(parameter)
