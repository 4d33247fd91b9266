"""Muon (Jordan et al., 2024): momentum whose every update is made orthogonal.

torch.optim.Muon does the same in bfloat16, which takes a CPU without that type longer than the
model's forward and backward passes together.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5
_RMS = 0.2
"""Root mean square of an update at a learning rate of 1, as AdamW's."""


def optimizers(
    model: nn.Module, rate_of_matrices: float, rate_of_others: float
) -> list[torch.optim.Optimizer]:
    """Muon for the matrices that tokens pass inside a transformer's blocks, AdamW for all else,
    such as those that make shifts, scales and gates of a time."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        inside = ".block" in name or "transformer_blocks" in name
        passed = inside and parameter.ndim == 2 and ".norm" not in name
        (matrices if passed else others).append(parameter)
    return [
        Muon(matrices, lr=rate_of_matrices),
        torch.optim.AdamW(
            others, lr=rate_of_others, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        ),
    ]


class Muon(torch.optim.Optimizer):
    """For matrices inside a network; `lr` as for AdamW."""

    def __init__(self, matrices: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, _closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                if not state:
                    state["momentum"] = torch.zeros_like(matrix)
                momentum = state["momentum"]
                momentum.lerp_(matrix.grad, 1 - group["momentum"])
                ahead = matrix.grad.lerp(momentum, group["momentum"])  # Nesterov's
                size = _RMS * max(ahead.shape) ** 0.5
                matrix.add_(_orthogonal(ahead), alpha=-group["lr"] * size)


def _orthogonal(matrix: Tensor) -> Tensor:
    """The nearest semi-orthogonal matrix, roughly: Newton-Schulz brings all singular values of an
    (M, N) matrix near 1."""
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else matrix.T
    x = x / (x.norm() + 1e-7)
    a, b, c = _COEFFICIENTS
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, b * gram + c * gram @ gram, x, beta=a)
    return x if wide else x.T
