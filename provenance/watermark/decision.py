"""When evidence suffices: bounds on false positives over everything that was tried.

Let z be a pilot score, M the number of hypotheses (keys x orientations x shifts x sets of frames).
For a picture that carries no mark of these keys, P(some z >= t) <= M exp(-t^2 / 2), whatever the
picture (see `synchronise.search`). The tag of a decoded id is right by chance with probability
2^-32 at each hypothesis, independently of z, since it comes from another subkey. Counting a
readable id as evidence multiplies the bound by 2^-32 and by 2, for having two ways to pass.
"""

import math

from provenance.watermark import keys

LOG10_MAX_FALSE_POSITIVE = -9.0
"""No id and no presence is reported above this bound."""


def log10_bound(score: float, hypotheses: int, *, authentic: bool) -> float:
    """log10 of the false-positive bound, at most 0, of the pilot score `score` among `hypotheses`;
    `authentic` where an id with the right tag was read there too."""
    log2 = 1.0 + math.log2(hypotheses) - max(score, 0.0) ** 2 / 2 / math.log(2)
    if authentic:
        log2 -= keys.TAG_BITS
    return min(0.0, log2 * math.log10(2))


def proves(log10_false_positive: float) -> bool:
    """Whether the bound is low enough to report a mark."""
    return log10_false_positive <= LOG10_MAX_FALSE_POSITIVE
