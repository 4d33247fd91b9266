"""Checks rendered frames before a video is released: faces, a blocklist, a classifier."""

from safety.frames.finding import Finding, FrameReport
from safety.frames.inspection import inspect

__all__ = ["Finding", "FrameReport", "inspect"]
