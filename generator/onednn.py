"""Fast 3-D convolutions of the VAE on the CPU.

PyTorch's choice of kernel (`use_mkldnn` in ATen/native/Convolution.cpp) sends a float32
convolution with batch size 1 to oneDNN only if batch x channels x frames x height exceeds 20,480.
A small VAE stays below that and gets the reference kernel, several times slower. Calling oneDNN
by name gives the same result up to rounding.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn


def prefer_onednn(module: nn.Module) -> None:
    """Make every zero-padded 3-D convolution in `module` call oneDNN. For inference on the
    CPU: the call has no gradient."""
    for convolution in module.modules():
        if isinstance(convolution, nn.Conv3d):
            convolution._conv_forward = partial(_convolve, convolution)  # type: ignore[method-assign]


def _convolve(convolution: nn.Conv3d, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    padding: Any = convolution.padding  # a tuple here; nn.Conv3d also takes "same"
    return torch.mkldnn_convolution(
        x,
        weight,
        bias,
        padding,
        convolution.stride,
        convolution.dilation,
        convolution.groups,
    )
