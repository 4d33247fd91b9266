"""Codes that lead to a video: what the middle of its pictures looks like, in 62 bits.

Every crop that leaves three quarters of each side leaves the middle half. So one code for a stored
picture is enough: who searches takes the codes of all the parts of their own picture that the
middle half may have become. Bits are the signs of the lowest frequencies of a discrete cosine
transform, as in PDQ (Meta, 2019). Mirrored until the first frequencies across and down are
positive, a picture and its mirror images have one code; two more bits say how it was mirrored.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from provenance.fingerprint.pictures import SIDE, Small

BITS = 62
_ACROSS_BIT, _DOWN_BIT = np.uint64(62), np.uint64(63)
ALIKE = np.uint64((1 << BITS) - 1)
"""Selects the bits that mirror images share."""
_FREQUENCIES = 10
MIDDLE = (0.25, 0.75)
_CUTS = np.linspace(0, 0.25, 6)
"""Shares of a side that may be missing at each end."""
_SHORTEST, _SMALLEST = 0.64, 0.56
"""Shares of a side and of the area that must be left."""
_UNSURE = 0.12
"""A first frequency below this share of the rest may have either sign in a copy."""
_ORDER = sorted(
    (pair for pair in product(range(_FREQUENCIES), repeat=2) if sum(pair) > 1),
    key=lambda pair: (pair[0] ** 2 + pair[1] ** 2, pair),
)[:BITS]
_DOWN, _ACROSS = (np.array(axis) for axis in zip(*_ORDER, strict=True))
_MIRRORED = np.array([_ACROSS % 2, _DOWN % 2])
"""Frequencies whose sign turns when mirrored across, and down."""

Bits = npt.NDArray[np.uint64]
_Waves = npt.NDArray[np.float32]
_Blocks = npt.NDArray[np.float32]
"""(P, _FREQUENCIES, _FREQUENCIES): down, across."""


@dataclass(frozen=True)
class Probes:
    """Codes of parts of pictures: `codes` (P,), `windows` (P, 4) the parts as left, right,
    top, bottom in 0..1, `pictures` (P,) which they are of."""

    codes: Bits
    windows: npt.NDArray[np.float32]
    pictures: npt.NDArray[np.intp]


def codes_of(luma: Small) -> Bits:
    """The code of the middle of each picture, (M,)."""
    waves = _waves(*MIDDLE)
    blocks = np.asarray(waves @ luma @ waves.T)
    return _codes(blocks, blocks[:, 0, 1] < 0, blocks[:, 1, 0] < 0)


def probe(luma: Small) -> Probes:
    """The codes of every part that the middle half may have become by cropping."""
    windows, rows, columns, waves = _parts()
    spectrum = np.asarray(waves @ luma @ waves.T)
    spectrum = spectrum.reshape(
        len(luma), -1, _FREQUENCIES, waves.shape[0] // _FREQUENCIES, _FREQUENCIES
    )
    blocks = spectrum[:, rows, :, columns].swapaxes(0, 1)
    blocks = blocks.reshape(-1, _FREQUENCIES, _FREQUENCIES)
    first = blocks[:, [0, 1], [1, 0]]
    rest = np.linalg.norm(blocks[:, _DOWN, _ACROSS], axis=1)
    doubtful = np.abs(first) < _UNSURE * rest[:, None]
    found = []
    for other in product((False, True), repeat=2):
        kept = np.flatnonzero((doubtful | ~np.array(other)).all(axis=1))
        mirrored = (first[kept] < 0) ^ np.array(other)
        found.append((kept, _codes(blocks[kept], mirrored[:, 0], mirrored[:, 1])))
    kept = np.concatenate([rows_kept for rows_kept, _ in found])
    return Probes(
        codes=np.concatenate([codes for _, codes in found]),
        windows=windows[kept % len(windows)],
        pictures=kept // len(windows),
    )


def mirroring(codes: Bits) -> npt.NDArray[np.bool_]:
    """(P, 2): whether the code is of the picture mirrored across, and down."""
    one = np.uint64(1)
    return np.stack([codes >> _ACROSS_BIT & one, codes >> _DOWN_BIT & one], axis=-1) == one


def _codes(blocks: _Blocks, across: npt.NDArray[np.bool_], down: npt.NDArray[np.bool_]) -> Bits:
    turned = (across[:, None] & (_MIRRORED[0] == 1)) ^ (down[:, None] & (_MIRRORED[1] == 1))
    signs = (blocks[:, _DOWN, _ACROSS] > 0) ^ turned
    bits = np.concatenate([signs, across[:, None], down[:, None]], axis=1)
    packed = np.ascontiguousarray(np.packbits(bits, axis=1, bitorder="little"))
    return np.asarray(packed.view("<u8")[:, 0], np.uint64)


def _waves(low: float, high: float) -> _Waves:
    """(_FREQUENCIES, SIDE): each cosine over the interval (of 0..1), averaged over each pixel."""
    edges = np.clip((np.arange(SIDE + 1) / SIDE - low) / (high - low), 0, 1)
    order = np.arange(1, _FREQUENCIES)[:, None]
    waves = np.diff(np.sin(np.pi * order * edges) / (np.pi * order), axis=1)
    return np.concatenate([np.diff(edges)[None], waves]).astype(np.float32)


@lru_cache(maxsize=1)
def _parts() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp], npt.NDArray[np.intp], _Waves]:
    """The windows, which intervals they are made of down and across, and the intervals' waves."""
    kept = [(low, high) for low, high in product(_CUTS, 1 - _CUTS) if high - low >= _SHORTEST]
    intervals = [tuple((edge - low) / (high - low) for edge in MIDDLE) for low, high in kept]
    share = np.array([high - low for low, high in kept])
    rows, columns = np.nonzero(np.outer(share, share) >= _SMALLEST)
    ends = np.array(intervals, np.float32)
    windows = np.concatenate([ends[columns], ends[rows]], axis=1)
    return windows, rows, columns, np.concatenate([_waves(*each) for each in intervals])
