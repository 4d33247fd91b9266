"""Copies of training rows that show "a person", with the label of the original.

Moderation puts "a person" in the place of every name. In the data those words stand mostly in
harmful prompts, because harmful prompts are the ones that name people; a model fitted on that
learns that the placeholder itself is harm. With these copies it means what "a man" and "a woman"
mean (counterfactual augmentation, Kaushik et al. 2020).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from safety.training.data import Row

_SOMEBODY = re.compile(
    r"\b(?:an?|the|one)(?: [\w-]+){0,2}? (?:man|woman|guy|lady|gentleman|boy|girl)\b", re.IGNORECASE
)


def counterfactual_rows(rows: Sequence[Row]) -> list[Row]:
    """One copy of each fully weighted row that shows somebody, in order.

    A copy keeps the group and source of its row, so that it is left out wherever the row is, but
    is of its own tier: it never counts as an ordinary prompt in calibration or measurement.
    """
    copies = []
    for row in rows:
        text = _SOMEBODY.sub("a person", row.text)
        if row.weight == 1 and text != row.text:
            copies.append(replace(row, text=text, tier="counterfactual"))
    return copies
