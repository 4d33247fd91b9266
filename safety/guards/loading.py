"""Reads a guard from a folder or from the hub's cache: safetensors only, and no code of its own."""

import hashlib
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub import snapshot_download

from safety.guards.families import FAMILIES
from safety.guards.generative import GenerativeGuard
from safety.guards.labels import LabelGuard
from safety.guards.spec import GuardSpec

_transformers: Any = transformers  # its type annotations are partial
_transformers.utils.logging.disable_progress_bar()  # they would garble the service's log
_FILES = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")
_CLASSIFIERS = "ForSequenceClassification"


def load(
    spec: GuardSpec, *, device: str, download: bool
) -> tuple[GenerativeGuard | LabelGuard, str]:
    """The guard, and its revision as GuardAnswer has it.

    device: "auto" (CUDA if there is a GPU, else the CPU) or a torch device. Raises OSError if files
    are missing and ValueError if they are no such guard.
    """
    folder, revision = _locate(spec.model, download=download)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = _transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = _model(folder, spec).to(device).eval()
    if spec.family in FAMILIES:
        return GenerativeGuard(FAMILIES[spec.family], tokenizer, model), revision
    return LabelGuard(spec.labels, tokenizer, model), revision


def _model(folder: Path, spec: GuardSpec) -> Any:
    config = _transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    (name,) = config.architectures or ("none",)
    family = FAMILIES.get(spec.family)
    fits = name.endswith(_CLASSIFIERS) if family is None else name in family.architectures
    if not fits or not hasattr(transformers, name):
        raise ValueError(f"a model of the architecture {name} is no {spec.family}")
    model, read = getattr(transformers, name).from_pretrained(
        folder,
        dtype="auto",
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
    )
    # transformers fills them with random numbers, and only warns.
    if lacking := [*read["missing_keys"], *read["mismatched_keys"]]:
        raise ValueError(f"the checkpoint lacks {len(lacking)} weights, such as {lacking[0]}")
    return model


def _locate(model: str, *, download: bool) -> tuple[Path, str]:
    if Path(model).is_dir():
        return Path(model).resolve(), f"sha256:{_digest(Path(model))}"
    folder = Path(
        snapshot_download(model, local_files_only=not download, allow_patterns=list(_FILES))
    )
    return folder, folder.name  # the hub's cache keeps each commit in a folder of that name


def _digest(folder: Path) -> str:
    """SHA-256 over the names and the SHA-256 of the files that are read."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in _FILES for path in folder.glob(pattern)}):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{content}  {path.name}\n".encode())
    return total.hexdigest()
