"""Measures how well a demo checkpoint does what captions ask: python -m generator.demo.evaluate

The captions describe scenes whose combination of shape, colour, motion and background the training
never saw. Stock diffusers renders them, and a program names what it sees in every clip.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from rich.console import Console
from rich.progress import track
from rich.table import Table

from generator.base import Frames
from generator.catalogue import find
from generator.demo import SHIPPED, cases, contact_sheet
from generator.demo.cases import Case
from generator.demo.scores import Score
from generator.demo.train_vae import reconstruction_psnr
from generator.onednn import prefer_onednn

_classes: Any = diffusers  # its type annotations are partial
_transformers: Any = transformers

_VAE_CLIPS = 16
_ROWS = 40
"""Clips on the contact sheet."""


def main() -> None:
    """Render, look, count; write metrics.json and contact-sheet.jpg."""
    options = _options()
    console = Console(stderr=True)
    pipe = _load(options.checkpoint)
    options.out.mkdir(parents=True, exist_ok=True)

    rendered: list[Case] = []
    rows: list[tuple[Frames, tuple[str, ...]]] = []
    seeds = range(options.seed, options.seed + options.captions)
    for seed in track(seeds, "Rendering captions", console=console):
        case, frames = cases.render(pipe, seed, options.steps, options.guidance)
        rendered.append(case)
        if len(rows) < _ROWS:
            rows.append((contact_sheet.thumbnails(frames), case.lines()))
    contact_sheet.write(options.out / "contact-sheet.jpg", rows)

    scores = cases.scores(rendered)
    psnr = reconstruction_psnr(pipe.vae, _VAE_CLIPS)
    metrics = {
        "captions": options.captions,
        "steps": options.steps,
        "guidance": options.guidance,
        "scores": {name: asdict(value) for name, value in scores.items()},
        "vae_psnr_db": {"clips": len(psnr), "mean": psnr.mean(), "worst": psnr.min()},
        "clips": [asdict(case) for case in rendered],
    }
    text = json.dumps(metrics, indent=1)
    (options.out / "metrics.json").write_text(text + "\n")
    if options.json:
        print(text)
    else:
        _show(scores, psnr, options.out)


def _options() -> argparse.Namespace:
    spec = find("demo")
    parser = argparse.ArgumentParser(prog="python -m generator.demo.evaluate", description=__doc__)
    add = parser.add_argument
    add(
        "--checkpoint",
        type=Path,
        default=SHIPPED,
        metavar="FOLDER",
        help="default: the shipped one",
    )
    add("--captions", type=int, default=200, metavar="N", help="how many (default: %(default)s)")
    add("--seed", type=int, default=0, help="of the first scene and clip (default: %(default)s)")
    add("--steps", type=int, default=spec.default_steps, help="default: %(default)s")
    add("--guidance", type=float, default=spec.default_guidance, help="default: %(default)s")
    add(
        "--out",
        type=Path,
        default=Path("build/demo-evaluation"),
        metavar="FOLDER",
        help="for metrics.json and contact-sheet.jpg (default: %(default)s)",
    )
    add("--json", action="store_true", help="print metrics.json instead of a table")
    return parser.parse_args()


def _load(folder: Path) -> Any:
    for library in (_classes, _transformers):
        library.utils.logging.disable_progress_bar()
    pipe = _classes.CogVideoXPipeline.from_pretrained(folder, dtype=torch.float32)
    pipe.scheduler = _classes.CogVideoXDDIMScheduler.from_config(
        pipe.scheduler.config, timestep_spacing="trailing"
    )
    pipe.set_progress_bar_config(disable=True)
    if torch.cuda.is_available():
        return pipe.to("cuda")
    prefer_onednn(pipe.vae)
    return pipe


def _show(scores: dict[str, Score], psnr: np.ndarray[Any, Any], out: Path) -> None:
    table = Table("right", "share", "95 % interval", "by chance", title="Unseen combinations")
    for name, value in scores.items():
        table.add_row(
            f"{name} {value.right}/{value.of}",
            f"{value.share:.1%}",
            f"{value.low:.1%} to {value.high:.1%}",
            f"{value.chance:.1%}",
        )
    console = Console()
    console.print(table)
    console.print(
        f"VAE on {len(psnr)} unseen clips: {psnr.mean():.1f} dB PSNR, worst {psnr.min():.1f} dB"
    )
    console.print(f"Written to {out}")


if __name__ == "__main__":
    main()
