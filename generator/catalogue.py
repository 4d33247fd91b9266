"""The models Signet knows, and how wishes become a complete request.

Figures: the model table and usage notes in the README of zai-org/CogVideo (size, frames, fps,
precision, steps, guidance, memory with sequential offload), and its model cards and those of the
diffusers pipelines for the other memory modes. Memory is published in GB and only where a mode was
tried; what is missing is estimated upward from the weights, so `auto` errs towards offloading.
"""

import math
import re
import secrets

from generator import checkpoint
from generator.base import InvalidRequest, RenderRequest, UnknownModel
from generator.spec import MAX_SEED, MemoryNeeds, ModelSpec, Size

_COGVIDEOX_LICENCE_NOTE = (
    "Commercial use needs a registration with the licensor, up to one million visits a month; "
    "military and illegal uses are excluded."
)

MEMORY_2B = MemoryNeeds(full=33, full_tiled=18, model_offload=12.5, sequential_offload=4)
MEMORY_5B = MemoryNeeds(full=34, full_tiled=26, model_offload=20.7, sequential_offload=5)
MEMORY_1_5 = MemoryNeeds(full=76, full_tiled=40, model_offload=24, sequential_offload=10)

_MODELS = (
    ModelSpec(
        id="demo",
        title="Signet demo: a small CogVideoX for machines without a GPU",
        source=None,
        sizes=((720, 480),),
        render_size=(192, 128),
        frame_unit=8,
        default_frames=49,
        max_frames=49,
        fps=8,
        default_steps=10,
        default_guidance=3.0,
        max_prompt_tokens=40,
        dtype="float32",
        scheduler="ddim",
        dynamic_cfg=False,
        licence="Apache-2.0",
        licence_note="Weights made by this project.",
        memory=MemoryNeeds(full=1, full_tiled=1, model_offload=1, sequential_offload=1),
    ),
    ModelSpec(
        id="zai-org/CogVideoX-2b",
        title="CogVideoX 2B",
        source="zai-org/CogVideoX-2b",
        aliases=("cogvideox-2b", "THUDM/CogVideoX-2b"),
        sizes=((720, 480),),
        frame_unit=8,
        default_frames=49,
        max_frames=49,
        fps=8,
        dtype="float16",
        scheduler="ddim",
        dynamic_cfg=False,
        licence="Apache-2.0",
        licence_note="",
        memory=MEMORY_2B,
    ),
    ModelSpec(
        id="zai-org/CogVideoX-5b",
        title="CogVideoX 5B",
        source="zai-org/CogVideoX-5b",
        aliases=("cogvideox-5b", "THUDM/CogVideoX-5b"),
        sizes=((720, 480),),
        frame_unit=8,
        default_frames=49,
        max_frames=49,
        fps=8,
        dtype="bfloat16",
        scheduler="dpm",
        dynamic_cfg=True,
        licence="CogVideoX License",
        licence_note=_COGVIDEOX_LICENCE_NOTE,
        memory=MEMORY_5B,
    ),
    ModelSpec(
        id="zai-org/CogVideoX1.5-5B",
        title="CogVideoX 1.5 5B",
        source="zai-org/CogVideoX1.5-5B",
        aliases=("cogvideox1.5-5b", "THUDM/CogVideoX1.5-5B"),
        sizes=((1360, 768),),
        frame_unit=16,
        default_frames=81,
        max_frames=161,
        fps=16,
        dtype="bfloat16",
        scheduler="dpm",
        dynamic_cfg=True,
        licence="CogVideoX License",
        licence_note=_COGVIDEOX_LICENCE_NOTE,
        memory=MEMORY_1_5,
    ),
)


def models() -> tuple[ModelSpec, ...]:
    """The catalogue, the smallest model first."""
    return _MODELS


def find(model: str) -> ModelSpec:
    """The limits of `model`: a catalogue id or alias (any case), or a local folder or hub id that
    holds a CogVideoX `model_index.json`, whose limits are read from its configuration files.

    Folders and hub ids reach the file system and the network: where `model` comes from a
    stranger, compare it with an allow-list first.

    Raises UnknownModel, saying what to do, and ModelUnavailable when the hub cannot be reached.
    """
    for spec in _MODELS:
        if model.lower() in {spec.id.lower(), *(alias.lower() for alias in spec.aliases)}:
            return spec
    config = checkpoint.read(model)
    if config is None:
        known = ", ".join(spec.id for spec in _MODELS)
        raise UnknownModel(
            "model",
            f"There is no model {model!r}. Use one of {known}, or a folder or hub id that holds a "
            "CogVideoX model_index.json.",
        )
    return _derive(config)


def plan(
    model: str,
    *,
    prompt: str,
    negative_prompt: str | None = None,
    seconds: float | None = None,
    size: str | None = None,
    num_frames: int | None = None,
    steps: int | None = None,
    guidance_scale: float | None = None,
    seed: int | None = None,
) -> RenderRequest:
    """A complete, valid request: what is None takes the model's default, the seed a random value.

    size: "WIDTHxHEIGHT" in pixels. seconds: duration, 6 s at 8 fps being 49 frames; give
    `num_frames` instead to count frames.

    Raises InvalidRequest, naming the parameter and the allowed values; UnknownModel and
    ModelUnavailable as `find` does.
    """
    spec = find(model)
    width, height = _parse_size(size, spec)
    request = RenderRequest(
        prompt=prompt,
        negative_prompt=negative_prompt,
        model=spec.id,
        width=width,
        height=height,
        num_frames=_count_frames(seconds, num_frames, spec),
        fps=spec.fps,
        steps=spec.default_steps if steps is None else steps,
        guidance_scale=spec.default_guidance if guidance_scale is None else guidance_scale,
        seed=secrets.randbelow(MAX_SEED + 1) if seed is None else seed,
    )
    spec.check(request)
    return request


def _parse_size(size: str | None, spec: ModelSpec) -> Size:
    if size is None:
        return spec.sizes[0]
    match = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", size)
    if match is None:
        width, height = spec.sizes[0]
        raise InvalidRequest(
            "size", f"size is written WIDTHxHEIGHT, such as {width}x{height}, not {size!r}."
        )
    return int(match[1]), int(match[2])


def _count_frames(seconds: float | None, num_frames: int | None, spec: ModelSpec) -> int:
    if seconds is None:
        return spec.default_frames if num_frames is None else num_frames
    durations = spec.durations()
    if seconds not in durations:
        allowed = ", ".join(f"{duration:g}" for duration in durations)
        raise InvalidRequest("seconds", f"{spec.id} makes clips of {allowed} s, not {seconds:g} s.")
    count = math.floor(seconds * spec.fps) + 1
    if num_frames not in (None, count):
        raise InvalidRequest(
            "num_frames",
            f"{seconds:g} s are {count} frames, not {num_frames}: give one of the two.",
        )
    return count


def _derive(config: checkpoint.Config) -> ModelSpec:
    """Limits of a checkpoint outside the catalogue, after the official model it resembles."""
    is_1_5 = config.patch_size_t is not None
    before_1_5 = MEMORY_5B if config.rotary else MEMORY_2B
    return ModelSpec(
        id=config.source,
        title=f"CogVideoX checkpoint {config.source}",
        source=config.source,
        # The 1.5 family states a 300x300 latent grid, which is the reach of its positions and no
        # size to render at.
        sizes=((1360, 768),) if is_1_5 else (config.native_size,),
        smaller_sizes=True,
        size_step=config.size_step,
        frame_unit=16 if is_1_5 else 8,
        default_frames=config.native_frames,
        max_frames=max(config.native_frames, 161) if is_1_5 else config.native_frames,
        fps=16 if is_1_5 else 8,
        dtype="bfloat16" if config.rotary else "float16",
        scheduler=config.scheduler,
        dynamic_cfg=config.scheduler == "dpm",
        licence="unknown",
        licence_note="See the licence that came with the checkpoint.",
        memory=MEMORY_1_5 if is_1_5 else before_1_5,
        max_prompt_tokens=config.max_prompt_tokens,
    )
