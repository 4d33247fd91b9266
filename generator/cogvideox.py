"""Renders with diffusers' `CogVideoXPipeline`.

Measured traps that shape this module:
- Setting `pipe._interrupt` still decodes and returns frames, so a cancel raises in the callback.
- After an exception the pipeline keeps per-request state, and the next request would come out
  different; `maybe_free_model_hooks` clears it.
- The DPM scheduler draws noise at every step: a CPU generator makes seeds mean the same anywhere.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers

from generator import demo
from generator import memory as memory_policy
from generator.base import (
    Clip,
    Frames,
    GeneratorError,
    InvalidRequest,
    ModelUnavailable,
    RenderRequest,
)
from generator.catalogue import find
from generator.onednn import prefer_onednn
from generator.spec import ModelSpec, Size
from generator.upscale import METHOD, upscale

_classes: Any = diffusers  # its type annotations are partial
_transformers: Any = transformers
for _library in (_classes, _transformers):
    # Loading bars would garble the caller's own progress bar.
    _library.utils.logging.disable_progress_bar()

_SCHEDULERS = {"ddim": _classes.CogVideoXDDIMScheduler, "dpm": _classes.CogVideoXDPMScheduler}
_SCHEDULER_PARAMETERS = (
    "beta_schedule",
    "beta_start",
    "beta_end",
    "prediction_type",
    "rescale_betas_zero_snr",
    "snr_shift_scale",
    "timestep_spacing",
)


def load(model: str, *, device: str = "auto", memory: str = "auto") -> "CogVideoXRenderer":
    """Load `model` (see `generator.catalogue.find`) and return its renderer.

    device: "auto" (CUDA if there is a GPU, else the CPU) or a torch device such as "cuda:1".
    memory: "auto", "full", "model_offload" or "sequential_offload" (see `generator.memory`).
    A hub model is downloaded unless it is in the local cache; Hugging Face's own variables
    (HF_HOME, HF_HUB_OFFLINE) apply.

    Raises UnknownModel, ModelUnavailable (weights missing or unreadable, too little memory) and
    InvalidRequest for an impossible `device` or `memory`.
    """
    spec = find(model)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    policy = memory_policy.choose(spec.memory, _free_gib(device), memory)
    dtype = torch.float32 if device == "cpu" else getattr(torch, spec.dtype)
    try:
        folder, origin = _locate(spec)
        pipe = _classes.CogVideoXPipeline.from_pretrained(folder, dtype=dtype)
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"{spec.id} cannot be loaded ({error}). Download it first, or name a complete local "
            "folder."
        ) from error
    pipe.scheduler = _SCHEDULERS[spec.scheduler].from_config(
        pipe.scheduler.config, timestep_spacing="trailing"
    )
    pipe.set_progress_bar_config(disable=True)  # progress is the caller's, through on_step
    if device == "cpu":
        prefer_onednn(pipe.vae)
    memory_policy.apply(pipe, policy, device)
    return CogVideoXRenderer(
        spec,
        pipe,
        {
            "model": spec.id,
            **origin,
            "dtype": str(dtype).removeprefix("torch."),
            "device": torch.cuda.get_device_name(device) if "cuda" in device else device,
            "memory": asdict(policy),
        },
    )


def fetch(model: str) -> Path:
    """Make sure that the weights of `model` are on this machine; returns their folder.

    Downloads a hub model unless it is in the local cache.
    Raises UnknownModel, and ModelUnavailable when the hub cannot be reached.
    """
    spec = find(model)
    try:
        return _locate(spec)[0]
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{spec.id} cannot be downloaded ({error}).") from error


class CogVideoXRenderer:
    """One loaded model; implements `generator.base.Renderer`. Made by `load`."""

    def __init__(self, spec: ModelSpec, pipe: Any, setup: dict[str, Any]) -> None:
        self._spec = spec
        self._pipe = pipe
        self._setup = setup

    def render(self, request: RenderRequest, on_step: Callable[[int, int], None]) -> Clip:
        """See `generator.base.Renderer.render`; the decode after the last step is not counted."""
        self._spec.check(request)
        delivery_size = (request.width, request.height)
        render_size = self._spec.render_size or delivery_size
        frames = self._denoise(request, render_size, on_step)
        if render_size != delivery_size:
            frames = upscale(frames, delivery_size)
        return Clip(
            frames=frames,
            fps=request.fps,
            parameters=self._parameters(request, render_size, delivery_size),
            warnings=tuple(
                f"the {name} is longer than {self._max_tokens} T5 tokens; the rest was not seen "
                "by the model"
                for name, text in (
                    ("prompt", request.prompt),
                    ("negative prompt", request.negative_prompt or ""),
                )
                if self._count_tokens(text) > self._max_tokens
            ),
        )

    def _denoise(
        self, request: RenderRequest, size: Size, on_step: Callable[[int, int], None]
    ) -> Frames:
        def step_end(_pipe: Any, index: int, _timestep: Any, _tensors: Any) -> dict[str, Any]:
            on_step(index + 1, request.steps)
            return {}

        width, height = size
        try:
            video = self._pipe(
                prompt=request.prompt,
                negative_prompt=request.negative_prompt,
                width=width,
                height=height,
                num_frames=request.num_frames,
                num_inference_steps=request.steps,
                guidance_scale=request.guidance_scale,
                use_dynamic_cfg=self._spec.dynamic_cfg,
                max_sequence_length=self._max_tokens,
                generator=torch.Generator("cpu").manual_seed(request.seed),
                callback_on_step_end=step_end,
                output_type="pt",
            ).frames[0]
        except torch.OutOfMemoryError as error:
            raise GeneratorError(
                "The device ran out of memory: load the model with memory=model_offload or "
                "sequential_offload, or ask for a shorter clip."
            ) from error
        finally:
            self._pipe.maybe_free_model_hooks()
        return _to_frames(video)

    @property
    def _max_tokens(self) -> int:
        return int(self._pipe.transformer.config.max_text_seq_length)

    def _count_tokens(self, text: str) -> int:
        return len(self._pipe.tokenizer(text, verbose=False).input_ids)

    def _parameters(
        self, request: RenderRequest, render_size: Size, delivery_size: Size
    ) -> dict[str, Any]:
        scheduler = self._pipe.scheduler
        return {
            **self._setup,
            "scheduler": {
                "class": type(scheduler).__name__,
                **{name: scheduler.config[name] for name in _SCHEDULER_PARAMETERS},
            },
            "steps": request.steps,
            "guidance_scale": request.guidance_scale,
            "dynamic_cfg": self._spec.dynamic_cfg,
            "seed": request.seed,
            "num_frames": request.num_frames,
            "fps": request.fps,
            "max_prompt_tokens": self._max_tokens,
            "render_size": list(render_size),
            "delivery_size": list(delivery_size),
            "upscale": None if render_size == delivery_size else METHOD,
            "libraries": {
                module.__name__: module.__version__ for module in (torch, diffusers, transformers)
            },
        }


def _locate(spec: ModelSpec) -> tuple[Path, dict[str, str | None]]:
    """The checkpoint's folder and where its weights come from: the hub revision, or, for a
    folder, a digest of its contents."""
    if spec.source is None:
        folder = demo.SHIPPED
    elif Path(spec.source).is_absolute():
        folder = Path(spec.source)
    else:
        folder = Path(_classes.CogVideoXPipeline.download(spec.source))
        # The hub's cache keeps each commit in a folder of that name.
        return folder, {"source": spec.source, "revision": folder.name, "weights_sha256": None}
    return folder, {
        "source": spec.source,
        "revision": None,
        "weights_sha256": _digest(folder),
    }


def _digest(folder: Path) -> str:
    """SHA-256 over the names and the SHA-256 of the configuration and weight files."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".json", ".safetensors"}:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{content}  {path.relative_to(folder).as_posix()}\n".encode())
    return total.hexdigest()


def _free_gib(device: str) -> float | None:
    """Free memory of a GPU in GiB; None on the CPU."""
    if device == "cpu":
        return None
    if not device.startswith("cuda") or not torch.cuda.is_available():
        raise InvalidRequest(
            "device", f"There is no device {device!r} here: use auto, cpu or cuda."
        )
    return float(torch.cuda.mem_get_info(device)[0]) / 2**30


def _to_frames(video: torch.Tensor) -> Frames:
    """(N, 3, H, W) in 0..1 on the device to uint8 (N, H, W, 3); frame by frame to save memory."""
    if not bool(torch.isfinite(video).all()):
        raise GeneratorError(
            "The model produced values that are not numbers, so there is no picture to show: try "
            "another seed, or a device that supports the model's precision."
        )
    frames = [(frame.float() * 255).round().to(torch.uint8).cpu() for frame in video]
    return np.ascontiguousarray(torch.stack(frames).permute(0, 2, 3, 1).numpy())
