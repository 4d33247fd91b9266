"""`python -m safety.training --data PATH`: train, calibrate, measure, and write the weights."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from safetensors.numpy import save as to_safetensors

from safety.classifier import WEIGHTS_PATH, Classifier
from safety.taxonomy import CONTENT_CATEGORIES
from safety.training.authored import authored_rows
from safety.training.card import write_card
from safety.training.counterfactual import counterfactual_rows
from safety.training.data import DataError, Row, read_rows, split
from safety.training.evaluate import auroc, measure
from safety.training.fit import calibrate, fit, worst_logit

_LEFT_OUT: dict[str, tuple[str, ...]] = {
    "Adversarial Nibbler": ("nibbler",),
    "OVERT": ("overt", "overt_unsafe"),
    "PartiPrompts": ("partiprompts",),
    "VBench, English": ("vbench2", "vbench2_long"),
}


def train(data: Path, weights: Path, seed: int, console: Console) -> None:
    """Write `weights` and a README.md (the model card) beside them."""
    labelled, test = split(read_rows(data))
    authored = authored_rows(seed)
    copies = counterfactual_rows(labelled)
    rows = [*labelled, *authored, *copies]
    with console.status("fitting and calibrating"):
        classifier = calibrate(fit(rows, seed), rows, seed)
    save(classifier, weights)
    with console.status("measuring on held-out rows"):
        metrics = measure(classifier, weights, test)
    transfer = {}
    for name, sources in _LEFT_OUT.items():
        with console.status(f"training without {name}"):
            transfer.update(_transfer(name, sources, rows, test, seed))
    write_card(
        weights.with_name("README.md"),
        weights,
        len(CONTENT_CATEGORIES),
        (len(labelled), len(test), len(authored), len(copies)),
        metrics,
        transfer,
    )
    console.print(f"wrote {weights}", metrics, transfer)


def save(classifier: Classifier, weights: Path) -> None:
    """Write a classifier as safetensors; replaces the file only when complete."""
    weights.parent.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, NDArray[Any]] = {
        "weights": classifier.weights,
        "bias": classifier.bias,
        "calibration": classifier.calibration,
    }
    partial = weights.with_suffix(".partial")
    partial.write_bytes(to_safetensors(tensors))
    partial.replace(weights)


def _transfer(
    name: str, sources: Sequence[str], rows: Sequence[Row], test: Sequence[Row], seed: int
) -> dict[str, tuple[int, float]]:
    everything = [*(row for row in rows if row.source in sources), *test]
    unseen = [row for row in everything if row.source in sources]
    unseen = [row for row in unseen if row.is_ordinary or row.is_clear_harm]
    harmful = [row for row in unseen if row.harmful] or [row for row in test if row.is_clear_harm]
    ordinary = [row for row in unseen if not row.harmful] or [
        row for row in test if row.is_ordinary
    ]
    if not (unseen and harmful and ordinary):
        return {}
    classifier = fit([row for row in rows if row.source not in sources], seed)
    positive, negative = (
        np.array([worst_logit(classifier, row.text) for row in group])
        for group in (harmful, ordinary)
    )
    return {name: (len(unseen), auroc(positive, negative))}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m safety.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="labelled prompts, JSON Lines")
    parser.add_argument("--output", type=Path, default=WEIGHTS_PATH, help="weights file to write")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    console = Console(stderr=True)
    try:
        train(arguments.data, arguments.output, arguments.seed, console)
    except DataError as error:
        console.print(f"[red]{error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
