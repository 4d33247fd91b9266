"""The Merkle tree: leaf and node hashes, roots, and appending without the whole tree.

RFC 6962 section 2.1 defines the root of n entries by splitting them at k, the largest power of two
below n. So every tree is a row of perfect subtrees, one for each bit of n, the largest first; they
are all that appending needs to know.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

HASH_SIZE = 32

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of the tree without entries (RFC 6962 section 2.1)."""

HashReader = Callable[[int, int], bytes]
"""Finds the 32-byte hash of one perfect subtree of a stored tree, by level and index.

Subtree i at level l is the one over the entries from i * 2**l to (i + 1) * 2**l; level 0 holds
leaf hashes.
"""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry (RFC 6962 section 2.1): SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 section 2.1): SHA-256(0x01 ‖ left ‖ right).

    The first byte differs from a leaf's, so that no entry can pass for an inner node.
    """
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """The perfect subtrees that a tree of `size` entries consists of, largest first.

    At most 63 hashes stand for the whole tree; they suffice to append entries and to know the root.
    """

    size: int = 0
    subtrees: tuple[bytes, ...] = ()

    @classmethod
    def of_stored_tree(cls, read: HashReader, size: int) -> "Frontier":
        """The frontier of the first `size` entries of the tree that `read` knows."""
        return cls(size, tuple(read(level, index) for level, index in _perfect_subtrees(0, size)))

    def append(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier after more entries, in two hashes for each entry at most."""
        size, subtrees = self.size, list(self.subtrees)
        for new in leaf_hashes:
            # Like adding one in binary: each trailing one bit is a subtree to merge with.
            merged, bits = new, size
            while bits & 1:
                merged = node_hash(subtrees.pop(), merged)
                bits >>= 1
            subtrees.append(merged)
            size += 1
        return Frontier(size, tuple(subtrees))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash (RFC 6962 section 2.1)."""
        return _join(self.subtrees)


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of entries with these leaf hashes (RFC 6962 section 2.1)."""
    level = list(leaf_hashes)
    while len(level) > 1:
        paired = len(level) & ~1  # a last one without a neighbour moves up as it is
        level = [*map(node_hash, level[:paired:2], level[1::2]), *level[paired:]]
    return level[0] if level else EMPTY_ROOT


def range_root(read: HashReader, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962 section 2.1, for a range that its recursion splits off.

    Such a range is not empty and starts at a multiple of the largest power of two that fits in it.
    """
    return _join([read(level, index) for level, index in _perfect_subtrees(start, end)])


def _perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _join(subtrees: Iterable[bytes]) -> bytes:
    """The root over a row of perfect subtrees: the smaller ones on the right are joined first."""
    from_the_right = list(subtrees)[::-1]
    if not from_the_right:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), from_the_right)
