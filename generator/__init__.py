"""Text becomes frames, and frames become an MP4: CogVideoX behind one small protocol.

- `generator.base`: what goes in (`RenderRequest`), what comes out (`Clip`), what does the work
  (`Renderer`).
- `generator.catalogue`: the models with their real limits, and `plan`, which turns wishes into a
  request.
- `generator.cogvideox`: `load` a model and render with diffusers' `CogVideoXPipeline`.
- `generator.encode`: frames to H.264 in MP4.

Importing this package, or the catalogue, loads neither torch nor diffusers: a process that only
plans requests stays light.
"""

from generator.base import (
    Clip,
    GeneratorError,
    InvalidRequest,
    ModelUnavailable,
    Renderer,
    RenderRequest,
    UnknownModel,
)

__all__ = [
    "Clip",
    "GeneratorError",
    "InvalidRequest",
    "ModelUnavailable",
    "RenderRequest",
    "Renderer",
    "UnknownModel",
]
