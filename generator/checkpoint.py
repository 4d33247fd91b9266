"""Reads the configuration of a CogVideoX checkpoint, from a local folder or from the model hub.

Only the small JSON files are read; the layout is that of diffusers' `save_pretrained`.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

from generator.base import ModelUnavailable, UnknownModel
from generator.spec import Size

_PIPELINE = "CogVideoXPipeline"
_SCHEDULERS: dict[str, Literal["ddim", "dpm"]] = {
    "CogVideoXDDIMScheduler": "ddim",
    "CogVideoXDPMScheduler": "dpm",
}
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Config:
    """The facts of a checkpoint that limit what it can render.

    source: absolute folder or hub id. native_size: pixels it was trained at.
    size_step: pixels on a side that one token covers.
    patch_size_t: latent frames in one patch, None before CogVideoX 1.5.
    rotary: rotary positions (the 5B family) instead of sinusoidal ones (2B).
    """

    source: str
    native_size: Size
    size_step: int
    native_frames: int
    patch_size_t: int | None
    rotary: bool
    scheduler: Literal["ddim", "dpm"]
    max_prompt_tokens: int


def read(source: str) -> Config | None:
    """The configuration at `source`, or None if there is neither such a folder nor a hub id.

    Raises UnknownModel if what is there is no CogVideoX text-to-video checkpoint, and
    ModelUnavailable if the hub cannot be reached.
    """
    folder = Path(source)
    if source and folder.is_dir():  # "" would be the working directory
        source = str(folder.resolve())
    elif not _HUB_ID.fullmatch(source):
        return None
    index = _json(source, "model_index.json")
    if index.get("_class_name") != _PIPELINE:
        raise UnknownModel(
            "model",
            f"{source} holds a {index.get('_class_name')}; text-to-video needs a {_PIPELINE}.",
        )
    scheduler = str((index.get("scheduler") or [None, None])[1])
    if scheduler not in _SCHEDULERS:
        raise UnknownModel(
            "model", f"{source} uses {scheduler}; supported are {', '.join(_SCHEDULERS)}."
        )
    transformer = _json(source, "transformer/config.json")
    vae = _json(source, "vae/config.json")
    try:
        shrink = 2 ** (len(vae["block_out_channels"]) - 1)
        return Config(
            source=source,
            native_size=(
                int(transformer["sample_width"]) * shrink,
                int(transformer["sample_height"]) * shrink,
            ),
            size_step=int(transformer["patch_size"]) * shrink,
            native_frames=int(transformer["sample_frames"]),
            patch_size_t=transformer.get("patch_size_t"),
            rotary=bool(transformer["use_rotary_positional_embeddings"]),
            scheduler=_SCHEDULERS[scheduler],
            max_prompt_tokens=int(transformer["max_text_seq_length"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownModel(
            "model", f"{source} has an incomplete configuration ({error!r}): save it again."
        ) from error


def _json(source: str, name: str) -> dict[str, Any]:
    path = Path(source) / name if Path(source).is_absolute() else _download(source, name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnknownModel(
            "model",
            f"{source} has no readable {name}: point to a folder that diffusers' save_pretrained "
            "made from a CogVideoX pipeline.",
        ) from error
    if not isinstance(content, dict):
        raise UnknownModel("model", f"{name} in {source} is not a JSON object.")
    return cast(dict[str, Any], content)


def _download(hub_id: str, name: str) -> Path:
    try:
        return Path(hf_hub_download(hub_id, name))
    except LocalEntryNotFoundError as error:
        raise ModelUnavailable(
            f"{hub_id} is not in the local cache and the model hub cannot be reached: download it "
            "on a connected machine, or name a local folder."
        ) from error
    except (EntryNotFoundError, HfHubHTTPError) as error:
        raise UnknownModel(
            "model", f"The model hub offers no {name} for {hub_id!r}: check the id and your access."
        ) from error
