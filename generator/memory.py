"""Where the weights live while a model renders, chosen from the free memory of the device.

The offload modes are those of diffusers; tiling decodes the VAE in overlapping tiles that are
blended, which changes pixels slightly, so the policy belongs to the parameters of a clip.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from generator.base import InvalidRequest, ModelUnavailable
from generator.spec import MemoryNeeds

Placement = Literal["full", "model_offload", "sequential_offload"]
"""full: everything on the device. model_offload: one component on the device at a time.
sequential_offload: one layer at a time, several times slower."""


@dataclass(frozen=True, slots=True)
class MemoryPolicy:
    """Placement of the weights, and whether the VAE decodes in tiles and slices."""

    placement: Placement
    vae_tiling: bool


def choose(needs: MemoryNeeds, free_gib: float | None, memory: str = "auto") -> MemoryPolicy:
    """The fastest policy that fits `needs` into `free_gib` (None on the CPU, where there is
    nowhere to offload to), or the placement that `memory` demands.

    A demanded placement is tried whatever the figures say, with tiling unless the untiled VAE
    fits. Raises InvalidRequest for a placement that does not exist on this device, and
    ModelUnavailable if even sequential offload does not fit.
    """
    if memory not in ("auto", *get_args(Placement)):
        allowed = ", ".join(("auto", *get_args(Placement)))
        raise InvalidRequest("memory", f"memory is one of {allowed}, not {memory!r}.")
    if free_gib is None:
        if memory not in ("auto", "full"):
            raise InvalidRequest("memory", f"{memory} needs a GPU; on the CPU use auto or full.")
        return MemoryPolicy("full", vae_tiling=False)
    ladder: tuple[tuple[float, MemoryPolicy], ...] = (
        (needs.full, MemoryPolicy("full", vae_tiling=False)),
        (needs.full_tiled, MemoryPolicy("full", vae_tiling=True)),
        (needs.model_offload, MemoryPolicy("model_offload", vae_tiling=True)),
        (needs.sequential_offload, MemoryPolicy("sequential_offload", vae_tiling=True)),
    )
    if memory != "auto":
        ladder = tuple(rung for rung in ladder if rung[1].placement == memory)
    for need, policy in ladder:
        if need <= free_gib:
            return policy
    if memory != "auto":
        return ladder[-1][1]
    raise ModelUnavailable(
        f"{free_gib:.1f} GiB of device memory are free and the model needs at least "
        f"{needs.sequential_offload:g} GiB: free some, or choose a smaller model."
    )


def apply(pipe: Any, policy: MemoryPolicy, device: str) -> None:
    """Place `pipe` (a diffusers pipeline, freshly loaded on the CPU) on `device` by `policy`."""
    if policy.vae_tiling:
        pipe.vae.enable_tiling()
        pipe.vae.enable_slicing()
    match policy.placement:
        case "full":
            pipe.to(device)
        case "model_offload":
            pipe.enable_model_cpu_offload(device=device)
        case "sequential_offload":
            pipe.enable_sequential_cpu_offload(device=device)
