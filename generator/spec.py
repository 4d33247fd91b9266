"""What one model can do: sizes, lengths, defaults, licence and memory."""

from dataclasses import dataclass
from typing import Literal

from generator.base import InvalidRequest, RenderRequest

Mode = Literal["t2v", "i2v", "v2v"]
Size = tuple[int, int]
"""Width and height in pixels."""

MAX_PROMPT_CHARACTERS = 10_000
STEPS = (1, 200)
GUIDANCE = (1.0, 20.0)
MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MemoryNeeds:
    """Peak device memory in GiB, by where the weights live (see `generator.memory`)."""

    full: float
    full_tiled: float
    model_offload: float
    sequential_offload: float


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model's real limits and recommended settings.

    id: what a request names. source: hub id or local folder; None for the demo in this package.
    sizes: allowed delivery sizes, the default first; with `smaller_sizes`, also every size
        divisible by `size_step` that exceeds the first on neither side.
    size_step: pixels on a side that one token of the transformer covers, 16 where the VAE shrinks
        by 8 and a patch is 2 by 2 latents. diffusers checks 8 only and fails deep inside.
    frame_unit: a clip has frame_unit * N + 1 frames, N >= 1, up to max_frames. Other counts are
        refused, because diffusers would silently return a different number.
    dtype: precision of the training, used on accelerators; the CPU always runs float32.
    dynamic_cfg: raise the guidance along the cosine schedule of CogVideoX.
    render_size: set when frames are rendered at this size and then upscaled to the delivery size.
    """

    id: str
    title: str
    source: str | None
    sizes: tuple[Size, ...]
    frame_unit: int
    default_frames: int
    max_frames: int
    fps: float
    dtype: Literal["float16", "bfloat16", "float32"]
    scheduler: Literal["ddim", "dpm"]
    dynamic_cfg: bool
    licence: str
    licence_note: str
    memory: MemoryNeeds
    default_steps: int = 50
    default_guidance: float = 6.0
    max_prompt_tokens: int = 226
    smaller_sizes: bool = False
    size_step: int = 16
    render_size: Size | None = None
    modes: tuple[Mode, ...] = ("t2v",)
    aliases: tuple[str, ...] = ()

    def frame_counts(self) -> tuple[int, ...]:
        """Every allowed number of frames, ascending."""
        return tuple(range(self.frame_unit + 1, self.max_frames + 1, self.frame_unit))

    def durations(self) -> tuple[float, ...]:
        """Every allowed duration in seconds: the first frame is the moment zero."""
        return tuple((count - 1) / self.fps for count in self.frame_counts())

    def allows_size(self, size: Size) -> bool:
        if size in self.sizes:
            return True
        width, height = size
        max_width, max_height = self.sizes[0]
        step = self.size_step
        fits = step <= width <= max_width and step <= height <= max_height
        return self.smaller_sizes and fits and width % step == height % step == 0

    def check(self, request: RenderRequest) -> None:
        """Raise InvalidRequest, naming the field and the allowed values, unless this model can
        render `request`."""
        if request.model != self.id:
            raise InvalidRequest("model", f"This renderer holds {self.id}, not {request.model}.")
        if not request.prompt.strip():
            raise InvalidRequest("prompt", "The prompt is empty: say what the video should show.")
        for param, text in (
            ("prompt", request.prompt),
            ("negative_prompt", request.negative_prompt or ""),
        ):
            if len(text) > MAX_PROMPT_CHARACTERS:
                raise InvalidRequest(
                    param, f"{param} has {len(text):,} characters; at most 10,000 are allowed."
                )
        self._check_geometry(request)
        _check_range("steps", request.steps, *STEPS)
        _check_range("guidance_scale", request.guidance_scale, *GUIDANCE)
        _check_range("seed", request.seed, 0, MAX_SEED)
        if request.image is not None and "i2v" not in self.modes:
            raise InvalidRequest("image", f"{self.id} does not start from an image.")
        if request.video is not None and "v2v" not in self.modes:
            raise InvalidRequest("video", f"{self.id} does not start from a video.")

    def _check_geometry(self, request: RenderRequest) -> None:
        size = (request.width, request.height)
        if not self.allows_size(size):
            raise InvalidRequest(
                "size",
                f"{self.id} cannot deliver {_text(size)}; use {', '.join(map(_text, self.sizes))}"
                + self.smaller_sizes
                * f" or a smaller size with both sides divisible by {self.size_step}.",
            )
        counts = self.frame_counts()
        if request.num_frames not in counts:
            raise InvalidRequest(
                "num_frames",
                f"{self.id} makes {self.frame_unit}N+1 frames: one of "
                f"{', '.join(map(str, counts))}, not {request.num_frames}.",
            )
        if request.fps != self.fps:
            raise InvalidRequest("fps", f"{self.id} runs at {self.fps:g} frames per second.")


def _text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _check_range(param: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # false for NaN as well
        raise InvalidRequest(param, f"{param} must be between {low} and {high}, not {value}.")
