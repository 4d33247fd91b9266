"""Decides what may be rendered and released: prompt moderation and frame inspection."""

from safety.decision import Decision, GuardAnswer, Reason, Span
from safety.moderation import moderate

__all__ = ["Decision", "GuardAnswer", "Reason", "Span", "moderate"]
