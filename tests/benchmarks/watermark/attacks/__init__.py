"""The attacks of the study, one module a family; `ATTACKS` lists them all."""

from . import chain, codec, colour, geometry, overlay, removal, social, time
from .base import ATTACKS, Attack, Clip, Frame, Frames, apply

__all__ = [
    "ATTACKS",
    "Attack",
    "Clip",
    "Frame",
    "Frames",
    "apply",
    "chain",
    "codec",
    "colour",
    "geometry",
    "overlay",
    "removal",
    "social",
    "time",
]
