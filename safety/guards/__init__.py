"""Guard models of the operator's choice, beside the shipped classifier.

A guard runs in a process of its own (`worker`), which reads the model (`loading`) and scores texts
(`generative`, `labels`); `guard` is this side of it. The prompt is data to a guard (`data`), and
what it says counts as if the classifier had said it (`verdict`).
"""

from safety.guards.guard import Guard, Guards
from safety.guards.spec import GuardSpec

__all__ = ["Guard", "GuardSpec", "Guards"]
