"""A policy file that may change while it is used."""

from functools import cache
from pathlib import Path

from safety.policy import Policy, load_policy
from safety.reloaded import ReloadedFile


@cache
def policy_file(path: Path) -> ReloadedFile[Policy]:
    """The one of this path in this process."""
    return ReloadedFile(path, "policy", load_policy)
