"""What an operator says about a guard model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from safety.guards.families import FAMILIES
from safety.taxonomy import CONTENT_CATEGORIES

CLASSIFIER = "classifier"
"""The family of all sequence classifiers."""

GUARD_CATEGORIES = (*CONTENT_CATEGORIES, "minors")
"""What a guard may find. Who a likeness is of, and whether it is released, it cannot know."""


@dataclass(frozen=True)
class GuardSpec:
    """`model` is a folder or hub id. `labels`, for the family "classifier" alone, says for every
    label of the model which categories it counts for: none, if it is harmless.

    Raises ValueError.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    model: str
    family: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.model:
            raise ValueError("a guard's model is a folder or hub id")
        families = (*FAMILIES, CLASSIFIER)
        if self.family not in families:
            raise ValueError(f"there is no family {self.family!r}; use {', '.join(families)}")
        if bool(self.labels) != (self.family == CLASSIFIER):
            raise ValueError("labels belong to guards of the family classifier, which need them")
        named = {name for categories in self.labels.values() for name in categories}
        if unknown := named - set(GUARD_CATEGORIES):
            raise ValueError(
                f"labels: no category {', '.join(sorted(unknown))}; "
                f"use {', '.join(GUARD_CATEGORIES)}"
            )
