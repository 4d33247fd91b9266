"""Trains the demo checkpoint from nothing: python -m generator.demo.train

First the VAE, then the latents of all training clips, then the text encoder alone, then the half of
the transformer that draws and the half that reads, then all but the VAE together.
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

from generator.demo import (
    SHIPPED,
    architecture,
    export,
    latents,
    train_denoiser,
    train_drawing,
    train_reading,
    train_text,
    train_vae,
)
from generator.demo.clips import Clips

_classes: Any = diffusers  # its type annotations are partial

CLIPS = 2304
_SEED = 2
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
    clips = Clips(latents.load(work / "latents"))
    if start is not None:
        text_encoder, transformer = start.text_encoder, start.transformer
    elif (beginning := _beginning(work, clips, options.device, until)) is not None:
        text_encoder, transformer = beginning
    else:
        return False
    denoiser, finished = train_denoiser.train(
        work / "denoiser", clips, vae, text_encoder, transformer, options.device, until
    )
    export.write(options.out, vae, denoiser.text_encoder, denoiser.transformer)
    return finished


def _beginning(
    work: Path, clips: Clips, device: str, until: Callable[[], bool]
) -> tuple[Any, Any] | None:
    """A text encoder and a transformer whose halves have learnt their parts."""
    text_encoder = train_text.train(work / "text", device, until)
    if text_encoder is None:
        return None
    torch.manual_seed(_SEED)
    transformer = architecture.transformer()
    learnt = train_drawing.train(work / "drawing", clips, transformer, device, until)
    learnt = learnt and train_reading.train(
        work / "reading", text_encoder, transformer, device, until
    )
    return (text_encoder, transformer) if learnt else None


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
