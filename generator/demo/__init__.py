"""The demo model: a small CogVideoX checkpoint for machines without a GPU or a model hub.

It was trained from nothing (`train`) on clips of a drawn world (`world`, `draw`) and its captions,
and `evaluate` measures how well it does what a prompt asks.
"""

from pathlib import Path

SHIPPED = Path(__file__).parent / "checkpoint"
"""The checkpoint, in the folder format of diffusers' `CogVideoXPipeline`."""
