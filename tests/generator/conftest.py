"""A small CogVideoX checkpoint and renderers on it, shared by the generator's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from generator.base import RenderRequest
from generator.catalogue import plan
from generator.cogvideox import CogVideoXRenderer, load
from generator.demo import SHIPPED


@pytest.fixture(scope="session")
def folder() -> Path:
    """The demo checkpoint, as any local folder that diffusers can read."""
    return SHIPPED


@pytest.fixture(scope="session")
def renderer(folder: Path) -> CogVideoXRenderer:
    return load(str(folder), device="cpu")


@pytest.fixture(scope="session")
def small(folder: Path) -> Callable[..., RenderRequest]:
    """Plans the smallest clip: 96x64, 9 frames, 2 steps."""

    def _plan(prompt: str = "a red circle moves to the right", **wishes: object) -> RenderRequest:
        defaults: dict[str, object] = {"size": "96x64", "num_frames": 9, "steps": 2, "seed": 7}
        return plan(str(folder), prompt=prompt, **{**defaults, **wishes})  # type: ignore[arg-type]

    return _plan


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small lose more to waiting threads than they gain."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
