"""Is it another video, or ours with something laid over it?

A caption or an inset on plain pictures outweighs all that they showed, so that the whole looks like
another video. But it leaves parts as they were, and elsewhere there would be no such part.
"""

import numpy as np

from provenance.fingerprint.comparison import Placement, compare
from provenance.fingerprint.pictures import SIDE, Query
from provenance.fingerprint.sketch import Part
from provenance.fingerprint.stored import Fingerprint


def refutes(query: Query, stored: Fingerprint, placement: Placement | None = None) -> bool:
    """Whether no part of the pictures may be the stored video's: each shows enough to tell, and
    shows something else. Arguments as in `compare`."""
    return all(compare(query, stored, placement, part).differs for part in _PARTS)


def _parts() -> list[Part]:
    """Halves, bands and rims of the picture, and all but a quarter."""
    down, across = np.mgrid[:SIDE, :SIDE] * 4 // SIDE
    left, top = across < 2, down < 2
    beside, between = (across == 1) | (across == 2), (down == 1) | (down == 2)
    corners = (top & left, top & ~left, ~top & left, ~top & ~left)
    missing = (*corners, beside & between)
    return [left, ~left, top, ~top, beside, between, *(~each for each in missing)]


_PARTS = _parts()
