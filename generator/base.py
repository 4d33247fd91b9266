"""The generator's vocabulary: request, clip, renderer and errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
"""RGB video, shape (N, H, W, 3), full range 0..255."""


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Everything that decides a clip; `generator.catalogue.plan` fills in the defaults.

    prompt: what to show. The model reads only its first tokens (`ModelSpec.max_prompt_tokens`).
    negative_prompt: what to keep away from, or None.
    model: a catalogue id, a local folder or a hub id.
    width, height: size of the delivered frames in pixels.
    num_frames: length of the clip in frames. fps: frames per second.
    steps: denoising steps, 1..200. guidance_scale: classifier-free guidance, 1..20 (1 is none).
    seed: 0..2**63-1; on the same kind of device, with the same number of threads and the same
        libraries, the same request gives the same frames, bit for bit.
    image: first frame for image-to-video, uint8 RGB (H, W, 3).
    video: source for video-to-video, uint8 RGB (N, H, W, 3).
    """

    prompt: str
    negative_prompt: str | None
    model: str
    width: int
    height: int
    num_frames: int
    fps: float
    steps: int
    guidance_scale: float
    seed: int
    image: Frames | None = None
    video: Frames | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """A rendered video.

    frames: uint8 RGB, shape (N, H, W, 3). fps: frames per second.
    parameters: every parameter that shaped the frames except the prompts (which may be personal
        data), JSON-able.
    warnings: sentences for the person who asked, such as a prompt that was too long to be read.
    """

    frames: Frames
    fps: float
    parameters: Mapping[str, Any]
    warnings: tuple[str, ...]


class Renderer(Protocol):
    """Renders one request at a time (not thread-safe: it owns its device)."""

    def render(self, request: RenderRequest, on_step: Callable[[int, int], None]) -> Clip:
        """Render `request`, calling `on_step(done, total)` after every denoising step.

        Raising anything in `on_step`, a BaseException included, cancels the render at once: the
        exception propagates unchanged and the renderer stays fit for the next request.

        Raises InvalidRequest for what the model cannot do, GeneratorError for a failed render.
        """
        ...


class GeneratorError(Exception):
    """A render or an encode that failed; the message says what to do next."""


class InvalidRequest(GeneratorError):  # noqa: N818 (named for what the caller did)
    """A request that the model cannot serve. `param` names the field at fault."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(param, message)
        self.param = param
        self.message = message

    def __str__(self) -> str:
        return self.message


class UnknownModel(InvalidRequest):
    """`model` is neither in the catalogue nor a CogVideoX checkpoint."""


class ModelUnavailable(GeneratorError):  # noqa: N818 (a state, not a mistake)
    """The model is known but cannot be loaded here: weights missing, or too little memory."""
