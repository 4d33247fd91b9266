"""Is it another video, or ours with something laid over it?

A caption or an inset on plain pictures outweighs all that they showed, so that the whole looks like
another video. But it leaves parts as they were, and elsewhere there would be no such part.
"""

from collections.abc import Iterator

import numpy as np

from provenance.fingerprint.comparison import Placement, compare
from provenance.fingerprint.pictures import SIDE, Query, View
from provenance.fingerprint.sketch import Part
from provenance.fingerprint.stored import Fingerprint

_LIKE_SHAPED = 0.1
"""By how much, in shares, width to height may differ of what is taken for whole pictures."""
_TELLING = 0.6
"""Share of a sketch's cells that say something in all but plain videos: two thirds and more in
those of cameras and large models, less in drawn scenes."""


def refutes(query: Query, stored: Fingerprint, placement: Placement | None = None) -> bool:
    """Whether no part of the pictures may be the stored video's: each shows enough to tell, and
    shows something else. Arguments as in `compare`.

    Without a placement, codes alone would say where to look, and the middle of a picture, which
    they are of, may be covered: so parts must also differ where they would be in a whole copy. Of
    plain videos and of pictures of another shape nothing is said: what covers the one outweighs it
    wherever it is, and a part of the other may hold the video.
    """
    if placement is not None:
        return _differs(query, stored, placement)
    whole = [view for view in query.views if _like_shaped(view, stored)]
    if not whole or _plain(stored):
        return False
    for view in whole:
        if not all(_differs(Query(view, None), stored, each) for each in _uncut(view, stored)):
            return False
    return _differs(query, stored, None)


def _differs(query: Query, stored: Fingerprint, placement: Placement | None) -> bool:
    return all(compare(query, stored, placement, part).differs for part in _PARTS)


def _plain(stored: Fingerprint) -> bool:
    return float(np.mean(stored.sketches != 0)) < _TELLING


def _like_shaped(view: View, stored: Fingerprint) -> bool:
    shape = view.width * stored.height / (view.height * stored.width)
    return abs(shape - 1) < _LIKE_SHAPED


def _uncut(view: View, stored: Fingerprint) -> Iterator[Placement]:
    """Where the pictures lie if they are whole ones, upright and mirrored."""
    across, down = stored.width / view.width, stored.height / view.height
    period = 2 * max(stored.width, stored.height)  # larger than any shift: there is no tile
    yield Placement(((across, 0.0, 0.0), (0.0, down, 0.0)), period)
    yield Placement(((-across, 0.0, stored.width - 1.0), (0.0, down, 0.0)), period)


def _parts() -> list[Part]:
    """Halves, bands and rims of the picture, and all but a quarter."""
    down, across = np.mgrid[:SIDE, :SIDE] * 4 // SIDE
    left, top = across < 2, down < 2
    beside, between = (across == 1) | (across == 2), (down == 1) | (down == 2)
    corners = (top & left, top & ~left, ~top & left, ~top & ~left)
    missing = (*corners, beside & between)
    return [left, ~left, top, ~top, beside, between, *(~each for each in missing)]


_PARTS = _parts()
