"""The watermark: a keyed 64-bit id in the luma of every frame, and an open mark in chroma."""

from provenance.watermark.detect import detect
from provenance.watermark.embed import embed
from provenance.watermark.open_mark import OPEN_ALGORITHM, OPEN_MESSAGE, stock_software_reads
from provenance.watermark.types import (
    ALGORITHM,
    MAX_SIDE,
    MIN_SIDE,
    Affine,
    Detection,
    OpenMark,
    Segment,
    WatermarkError,
)

__all__ = [
    "ALGORITHM",
    "MAX_SIDE",
    "MIN_SIDE",
    "OPEN_ALGORITHM",
    "OPEN_MESSAGE",
    "Affine",
    "Detection",
    "OpenMark",
    "Segment",
    "WatermarkError",
    "detect",
    "embed",
    "stock_software_reads",
]
