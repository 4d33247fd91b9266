"""Proofs that an entry is in the tree (inclusion) and that the tree only grew (consistency).

Making them follows the recursive definitions of RFC 6962 sections 2.1.1 and 2.1.2; checking them
follows the loops of RFC 9162 sections 2.1.3.2 and 2.1.4.2, which share no code with the former.
"""

from collections.abc import Sequence

from provenance.ledger.errors import ProofError
from provenance.ledger.merkle import HASH_SIZE, HashReader, node_hash, range_root


def inclusion_proof(read: HashReader, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1: the leaf's sibling first, 32 bytes each.

    Reads O(log size) hashes. Raises ProofError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ProofError(f"there is no entry {index} in a tree of {size}")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_root(read, middle, end))
            end = middle
        else:
            proof.append(range_root(read, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(read: HashReader, old_size: int, new_size: int) -> list[bytes]:
    """PROOF(old_size, D[new_size]) of RFC 6962 section 2.1.2, 32 bytes each.

    Empty from size 0, where C2SP tlog-witness wants it so and RFC 6962 says nothing. Reads
    O(log new_size) hashes. Raises ProofError unless 0 <= old_size <= new_size.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {new_size} entries cannot have grown from {old_size}")
    if old_size in (0, new_size):
        return []
    proof = []
    start, end = 0, new_size
    while old_size < end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(range_root(read, middle, end))
            end = middle
        else:
            proof.append(range_root(read, start, middle))
            start = middle
    if start > 0:  # else the subtree is the whole old tree, whose root the verifier has
        proof.append(range_root(read, start, end))
    return proof[::-1]


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a tree of `size` entries with this root holds the leaf at `index`.

    The steps are those of RFC 9162 section 2.1.3.2. Raises ProofError saying what does not match.
    """
    if not 0 <= index < size:
        raise ProofError(f"there is no entry {index} in a tree of {size}")
    _check_hashes([leaf_hash, root, *proof])
    place, last = index, size - 1
    computed = leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofError(f"the proof has too many hashes for entry {index} of {size}")
        if place & 1 or place == last:
            computed = node_hash(sibling, computed)
            # A node without a right sibling moves up unchanged.
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError(f"the proof has too few hashes for entry {index} of {size}")
    if computed != root:
        raise ProofError(f"the entry is not number {index} of the {size} under this root")


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the first `old_size` entries of the new tree are the old tree, unchanged.

    The steps are those of RFC 9162 section 2.1.4.2; a tree of size 0 is a prefix of any, by an
    empty proof. Raises ProofError saying what does not match.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {new_size} entries cannot have grown from {old_size}")
    _check_hashes([old_root, new_root, *proof])
    if old_size == new_size and old_root != new_root:
        raise ProofError(f"two trees of {old_size} entries have different roots")
    if old_size in (0, new_size):
        if proof:
            raise ProofError(f"the proof from size {old_size} to {new_size} has to be empty")
        return
    if not proof:
        raise ProofError(f"the proof from size {old_size} to {new_size} is empty")
    # An old tree that is perfect is a subtree of the new one, and the proof leaves it out.
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError(f"the proof has too many hashes for sizes {old_size} to {new_size}")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError(f"the proof has too few hashes for sizes {old_size} to {new_size}")
    if old != old_root:
        raise ProofError(f"the proof does not lead to the root of the {old_size} old entries")
    if new != new_root:
        raise ProofError(f"the proof does not lead to the root of the {new_size} new entries")


def _split(size: int) -> int:
    """k of RFC 6962 section 2.1: the largest power of two below `size`, which is over 1."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofError(f"a hash is not {HASH_SIZE} bytes long")
