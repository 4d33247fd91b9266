"""`signet frames`: what rendered frames are compared with."""

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from api.cli.output import EXIT_BAD_INPUT, Json, console, fail, print_json
from safety.frames.pdq import pdq

frames = typer.Typer(help="Checks of rendered frames.", no_args_is_help=True)


@frames.callback()
def _group() -> None:
    """Checks of rendered frames."""


@frames.command("hash")
def hash_files(
    files: Annotated[list[Path], typer.Argument(help="Pictures.")], as_json: Json = False
) -> None:
    """Print lines for SIGNET_FRAME_BLOCKLIST: the PDQ hash of each picture, and its name.

    A quality below 50 means that there is too little to see for a sure match.
    """
    rows = []
    for path in files:
        path.stat()  # a missing file is named; opencv would only answer nothing
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            fail(f"{path} is no picture that can be read", EXIT_BAD_INPUT)
        try:
            found = pdq(np.asarray(picture, np.uint8))
        except ValueError as error:
            fail(f"{path}: {error}", EXIT_BAD_INPUT)
        label = " ".join(path.name.split())
        rows.append({"hash": found.hex, "label": label, "quality": found.quality})
        if not as_json:
            console.print(
                f"# quality {found.quality}\n{found.hex} {label}", markup=False, soft_wrap=True
            )
    if as_json:
        print_json(rows)
