"""Which of a million videos may a video be? An index over the codes of fingerprints.

Hash tables over parts of the codes, kept as sorted arrays: a copy's code differs in some bits, but
hardly in those of every table, nor for every picture and window. What is found so is compared in
full, and pictures vote. The index only proposes: `compare` decides.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from provenance.fingerprint import code
from provenance.fingerprint.code import Bits, Probes
from provenance.fingerprint.pictures import Query
from provenance.fingerprint.stored import Fingerprint

CODES = 8
"""The most codes of a video that are indexed."""
_PICTURES = 6
"""Pictures of a query that are looked up."""
_TABLES, _MOST_KEY_BITS = 6, 22
_STEADY = 40
"""Frequencies that keys are taken from, the lowest, which change least."""
_FAR = 12
"""Bits by which a copy's code may differ."""
_MOST_IN_BUCKET = 64
"""A key that more codes share says little."""

Places = npt.NDArray[np.int64]


def indexed_codes(fingerprint: Fingerprint) -> Bits:
    """The codes that stand for a video in an index, evenly over its time, none of them twice."""
    count = len(fingerprint.codes)
    chosen = np.unique(np.linspace(0, count - 1, min(CODES, count)).round().astype(int))
    return np.unique(fingerprint.codes[chosen])


class Index:
    """Videos by their codes; adding is cheap for few videos at a time and for many."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []

    def __len__(self) -> int:
        """How many videos there are."""
        return sum(len(segment.video_ids) for segment in self._segments)

    def add(self, videos: Iterable[tuple[str, Bits]]) -> None:
        """Add video ids with their `indexed_codes`."""
        ids, codes = [], []
        for video_id, own in videos:
            ids.append(video_id)
            codes.append(own)
        if not ids:
            return
        # As in a log-structured merge tree: no segment is followed by one half its size or larger.
        while self._segments and len(self._segments[-1].video_ids) <= 2 * len(ids):
            last = self._segments.pop()
            ids = [*last.video_ids, *ids]
            codes = [*last.codes_by_video(), *codes]
        self._segments.append(_Segment(ids, codes))

    def search(self, query: Query, most: int = 8) -> list[str]:
        """Ids of the videos that the query may be a copy of, the likeliest first."""
        votes: dict[str, float] = {}
        for view in query.views:
            every = max(1, -(-len(view.luma) // _PICTURES))
            probes = code.probe(view.lying[::every])
            for segment in self._segments:
                for video_id, vote in segment.votes(probes, most):
                    votes[video_id] = max(vote, votes.get(video_id, 0.0))
        return sorted(votes, key=lambda video_id: -votes[video_id])[:most]


class _Segment:
    """Hash tables that never change."""

    def __init__(self, video_ids: Sequence[str], codes: Sequence[Bits]) -> None:
        self.video_ids = video_ids
        self._codes = np.concatenate(codes).astype(np.uint64)
        self._owners = np.repeat(np.arange(len(codes), dtype=np.uint32), [len(c) for c in codes])
        # About one code to a key, if codes were random.
        self._key_bits = min(_MOST_KEY_BITS, len(self._codes).bit_length())
        self._tables = [self._table(bits) for bits in _BITS[:, : self._key_bits]]

    def _table(self, bits: Places) -> tuple[Places, npt.NDArray[np.uint32], Places]:
        """Which bits a key is made of, places of codes in order of their keys, and where each key
        starts."""
        keys = _keys(self._codes, bits)
        starts = np.zeros((1 << len(bits)) + 1, np.int64)
        np.cumsum(np.bincount(keys, minlength=1 << len(bits)), out=starts[1:])
        return bits, np.argsort(keys, kind="stable").astype(np.uint32), starts

    def codes_by_video(self) -> list[Bits]:
        """As they were given."""
        ends = np.flatnonzero(np.diff(self._owners)) + 1
        return np.split(self._codes, ends)

    def votes(self, probes: Probes, most: int) -> list[tuple[str, float]]:
        """The videos with most votes; a picture votes for a video the more, the nearer its nearest
        code."""
        rows, places = self._neighbours(probes.codes)
        away = np.bitwise_count((probes.codes[rows] ^ self._codes[places]) & code.ALIKE)
        near = away <= _FAR
        owners, pictures = self._owners[places[near]], probes.pictures[rows[near]]
        ballots = owners.astype(np.int64) * _PICTURES + pictures
        order = np.lexsort((away[near], ballots))
        firsts = np.unique(ballots[order], return_index=True)
        vote = (_FAR + 1 - away[near][order][firsts[1]].astype(float)) ** 2
        found, where = np.unique(firsts[0] // _PICTURES, return_inverse=True)
        totals = np.bincount(where, vote)
        best = np.argsort(-totals)[:most]
        return [(self.video_ids[int(found[i])], float(totals[i])) for i in best]

    def _neighbours(self, codes: Bits) -> tuple[Places, Places]:
        """Pairs of rows of `codes` and places of codes here that share a key."""
        rows, places = [], []
        for bits, order, starts in self._tables:
            keys = _keys(codes, bits)
            first, count = starts[keys], starts[keys + 1] - starts[keys]
            count = np.where(count > _MOST_IN_BUCKET, 0, count)
            row = np.repeat(np.arange(len(codes)), count)
            offset = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
            rows.append(row)
            places.append(order[first[row] + offset].astype(np.int64))
        return np.concatenate(rows), np.concatenate(places)


def _chosen_bits() -> Places:
    chance = np.random.default_rng(0)
    return np.stack([chance.permutation(_STEADY)[:_MOST_KEY_BITS] for _ in range(_TABLES)])


_BITS = _chosen_bits()


def _keys(codes: Bits, bits: Places) -> npt.NDArray[np.uint32]:
    """The chosen bits of each code, as a number."""
    keys = np.zeros(len(codes), np.uint32)
    for position, bit in enumerate(bits):
        keys |= ((codes >> np.uint64(bit)) & np.uint64(1)).astype(np.uint32) << np.uint32(position)
    return keys
