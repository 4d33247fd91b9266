"""When evidence suffices: bounds on false positives over everything that was tried.

Every score is z = sum(s c) / sqrt(sum(s^2)), s from the picture, c = +-1 from the key. Chance is
the key's alone: for a picture made without it, whatever it shows, P(z >= t) <= exp(-t^2 / 2) for
one hypothesis (Hoeffding, 1963, theorem 2), and M hypotheses multiply that by M at most.

Presence rests on the pilot alone: its bound is M exp(-z^2 / 2).

An id rests on the pilot and on the data. The data's signs are independent of the pilot's, and the
geometry was chosen by the pilot, so for the data only the A attempts at decoding count, times the
2^64 ids, each a word with signs of its own: A 2^64 exp(-z^2 / 2). Two independent bounds p and q
join to p q (1 - ln p q) (Fisher, 1932). No id is accepted without its keyed tag besides, which the
bound does not count: the tag is there against a wrong id on a picture that does carry a mark.
"""

import math

from provenance.watermark import keys

LOG10_MAX_FALSE_POSITIVE = -9.0
"""No id and no presence is reported above this bound."""
WAYS_TO_BE_WRONG = 6
"""Presence or id, proven at first sight, on looking again, or on following a moving mark."""


def log10_presence(pilot_score: float, hypotheses: float) -> float:
    """log10 of the bound, at most 0, for a pilot score that is the best of `hypotheses`."""
    return _log10(_log_tail(pilot_score, math.log(hypotheses)))


def log10_id(pilot_score: float, hypotheses: float, data_score: float, attempts: float) -> float:
    """log10 of the bound, at most 0, for an id whose word scored `data_score` in one of so many
    `attempts` at decoding, at the place of that pilot score."""
    product = _log_tail(pilot_score, math.log(hypotheses)) + _log_tail(
        data_score, math.log(attempts) + keys.ID_BITS * math.log(2)
    )
    return _log10(product + math.log1p(-product))


def _log_tail(score: float, log_hypotheses: float) -> float:
    return min(0.0, log_hypotheses - max(score, 0.0) ** 2 / 2)


def _log10(log_bound: float) -> float:
    return min(0.0, (log_bound + math.log(WAYS_TO_BE_WRONG)) / math.log(10))


def proves(log10_false_positive: float) -> bool:
    """Whether the bound is low enough to report a mark."""
    return log10_false_positive <= LOG10_MAX_FALSE_POSITIVE
