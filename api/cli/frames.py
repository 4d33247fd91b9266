"""`signet frames`: what rendered frames are compared with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from api.cli.output import EXIT_BAD_INPUT, Json, console, fail, print_json
from safety.frames.blocklist import RELIABLE_QUALITY
from safety.frames.parts import parts
from safety.frames.pdq import pdq

frames = typer.Typer(help="Checks of rendered frames.", no_args_is_help=True)


@frames.callback()
def _group() -> None:
    """Checks of rendered frames."""


@frames.command("hash")
def hash_files(
    files: Annotated[list[Path], typer.Argument(help="Pictures.")], as_json: Json = False
) -> None:
    """Print lines for SIGNET_FRAME_BLOCKLIST: PDQ hashes of each picture and of twelve parts of it.

    The parts find frames that were cropped. A quality below 50 means that there is too little to
    see for a sure match; such parts are left out.
    """
    rows: list[dict[str, Any]] = []
    for path in files:
        path.stat()  # a missing file is named; opencv would only answer nothing
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            fail(f"{path} is no picture that can be read", EXIT_BAD_INPUT)
        try:
            rows += _rows(" ".join(path.name.split()), np.asarray(picture, np.uint8))
        except ValueError as error:
            fail(f"{path}: {error}", EXIT_BAD_INPUT)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        console.print(f"# quality {row['quality']}", markup=False)
        console.print(f"{row['hash']} {row['label']}", markup=False, soft_wrap=True)


def _rows(name: str, picture: NDArray[np.uint8]) -> Iterator[dict[str, Any]]:
    whole = pdq(picture)
    yield {"hash": whole.hex, "label": name, "quality": whole.quality}
    for cut, part in parts(picture):
        found = pdq(part)
        if found.quality >= RELIABLE_QUALITY:
            yield {"hash": found.hex, "label": f"{name}, {cut}", "quality": found.quality}
