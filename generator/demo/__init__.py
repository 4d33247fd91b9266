"""The demo model: a small CogVideoX checkpoint for machines without a GPU.

`checkpoint()` gives its folder: the trained weights shipped in `generator/demo/checkpoint`, or, as
long as there are none, an untrained pipeline that `generator.demo.build` makes once. The untrained
one runs the same classes on the same path as the real models, and does NOT follow the prompt: it
shows slowly changing coloured clouds.
"""

import os
from pathlib import Path

SHIPPED = Path(__file__).parent / "checkpoint"


def checkpoint() -> Path:
    """Folder of the demo checkpoint, in the format of diffusers' `CogVideoXPipeline`.

    An untrained one is built on first use (seconds) under `$XDG_CACHE_HOME/signet`, by default
    `~/.cache/signet`; several processes may do so at once.
    """
    if (SHIPPED / "model_index.json").is_file():
        return SHIPPED
    from generator.demo.build import RECIPE, build  # imports torch

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return build(cache / "signet" / f"demo-untrained-{RECIPE}")
