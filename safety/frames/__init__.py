"""Checks rendered frames before a video is released: faces, a blocklist, a classifier."""

from safety.frames.finding import MEASURES, Finding, FrameReport
from safety.frames.inspection import inspect
from safety.frames.sheet import ContactSheet, blurred, contact_sheet

__all__ = [
    "MEASURES",
    "ContactSheet",
    "Finding",
    "FrameReport",
    "blurred",
    "contact_sheet",
    "inspect",
]
