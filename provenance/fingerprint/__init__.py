"""The perceptual fingerprint: does a video show what another one showed, whatever was done to it?

query = examine(frames)                  # of the video at hand
stored = fingerprint(frames)             # of a video when it is released; `to_bytes` keeps it
compare(query, stored)                   # how much of the one is in the other
refutes(query, stored)                   # is it another video, not this one with a part covered?
index.search(query)                      # which of all stored videos are worth comparing
"""

from provenance.fingerprint.comparison import Match, Placement, compare
from provenance.fingerprint.index import Index, indexed_codes
from provenance.fingerprint.parts import refutes
from provenance.fingerprint.pictures import Query, examine
from provenance.fingerprint.stored import ALGORITHM, Fingerprint, fingerprint

__all__ = [
    "ALGORITHM",
    "Fingerprint",
    "Index",
    "Match",
    "Placement",
    "Query",
    "compare",
    "examine",
    "fingerprint",
    "indexed_codes",
    "refutes",
]
