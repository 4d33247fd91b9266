"""Trains the demo checkpoint from nothing: python -m generator.demo.train

First the VAE, then the latents of all training clips, then the text encoder alone, then it and the
transformer together.
Every stage goes on where it was stopped. The checkpoint replaces the shipped one, also where the
last stage was stopped before its end. With --start a trained checkpoint is trained further: its VAE
and text encoder are taken as they are, and the last stage begins with its weights.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch

from generator.demo import SHIPPED, export, latents, train_denoiser, train_text, train_vae

_classes: Any = diffusers  # its type annotations are partial

CLIPS = 2304
_SCALED_ON = 16


def main() -> int:
    """Exit code 0 with a finished checkpoint, 1 where the time was up before."""
    options = _options()
    deadline: float = time.monotonic() + 60 * options.minutes

    def until() -> bool:
        return time.monotonic() > deadline

    finished = _train(options, until)
    print(f"The checkpoint is in {options.out}." if finished else "Stopped; call again to go on.")
    return 0 if finished else 1


def _train(options: argparse.Namespace, until: Callable[[], bool]) -> bool:
    work: Path = options.work
    start = None if options.start is None else _parts(options.start)
    vae = _vae(work / "vae", options.device, until) if start is None else start.vae
    if vae is None or not latents.prepare(vae, work / "latents", CLIPS, until):
        return False
    reader = (
        train_text.train(work / "text", options.device, until)
        if start is None
        else train_text.Reader(start.text_encoder)
    )
    if reader is None:
        return False
    denoiser, finished = train_denoiser.train(
        work / "denoiser",
        latents.load(work / "latents"),
        vae,
        reader,
        None if start is None else start.transformer,
        options.device,
        until,
    )
    export.write(options.out, vae, reader.text_encoder, denoiser.transformer)
    return finished


def _parts(checkpoint: Path) -> Any:
    return _classes.CogVideoXPipeline.from_pretrained(checkpoint, dtype=torch.float32)


def _vae(folder: Path, device: str, until: Callable[[], bool]) -> Any | None:
    """The trained VAE, its latents scaled."""
    final = folder / "final"
    if not (final / "config.json").is_file():
        trained = train_vae.train(folder, device, until)
        if trained is None:
            return None
        quick = train_vae.for_inference(trained)
        examples = [latents.encode(quick, seed) for seed in range(_SCALED_ON)]
        latents.scale(trained, torch.stack(examples))
        trained.save_pretrained(final)
    return _classes.AutoencoderKLCogVideoX.from_pretrained(final).to(device).eval()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m generator.demo.train", description=__doc__)
    add = parser.add_argument
    add(
        "--work",
        type=Path,
        default=Path(".train"),
        metavar="FOLDER",
        help="for states and latents (default: %(default)s)",
    )
    add("--out", type=Path, default=SHIPPED, metavar="FOLDER", help="default: the shipped one")
    add("--start", type=Path, metavar="FOLDER", help="a checkpoint to train further")
    add("--minutes", type=float, default=1e6, help="stop after so long, to go on another time")
    add(
        "--device",
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="default: %(default)s",
    )
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
