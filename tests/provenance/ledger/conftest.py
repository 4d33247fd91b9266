"""The tree as RFC 6962 defines it, and a log kept in a dictionary of tiles."""

import hashlib
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.ledger.checkpoint import Checkpoint, sign_checkpoint
from provenance.ledger.merkle import Frontier, HashReader, leaf_hash
from provenance.ledger.note import NoteSigner
from provenance.ledger.tile_store import append, hash_reader


def _split(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k


@dataclass
class Definition:
    """MTH, PATH and PROOF of RFC 6962 section 2.1, letter by letter, with a memory for MTH."""

    entries: list[bytes]
    known: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def mth(self, start: int, end: int) -> bytes:
        if (start, end) not in self.known:
            if start == end:
                data = b""
            elif end - start == 1:
                data = b"\x00" + self.entries[start]
            else:
                k = start + _split(end - start)
                data = b"\x01" + self.mth(start, k) + self.mth(k, end)
            self.known[start, end] = hashlib.sha256(data).digest()
        return self.known[start, end]

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        n = end - start
        if n == 1:
            return []
        k = _split(n)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def subproof(self, m: int, start: int, end: int, b: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if b else [self.mth(start, end)]
        k = _split(n)
        if m <= k:
            return [*self.subproof(m, start, start + k, b), self.mth(start + k, end)]
        return [*self.subproof(m - k, start + k, end, False), self.mth(start, start + k)]


@dataclass
class StoredLog:
    """Tiles in a dictionary, grown as a sequencer grows them."""

    size: int = 0
    tiles: dict[str, bytes] = field(default_factory=dict)

    @property
    def reader(self) -> HashReader:
        return hash_reader(self.tiles.__getitem__, self.size)

    @property
    def root(self) -> bytes:
        return Frontier.of_stored_tree(self.reader, self.size).root

    def append(self, entries: list[bytes]) -> set[str]:
        """Appends and returns the paths of what had to be written."""
        grown = append(self.tiles.__getitem__, self.size, [leaf_hash(entry) for entry in entries])
        written = {tile.path: data for tile, data in grown.items()}
        self.tiles |= written
        self.size += len(entries)
        return set(written)


@pytest.fixture(scope="session")
def definition() -> Definition:
    """A log of 300 entries, the first one empty."""
    return Definition([b"x" * (n % 40) + b"%d" % n if n else b"" for n in range(300)])


@pytest.fixture(scope="session")
def stored_log(definition: Definition) -> StoredLog:
    """The same 300 entries in tiles."""
    log = StoredLog()
    log.append(definition.entries)
    return log


@pytest.fixture
def empty_log() -> StoredLog:
    return StoredLog()


@pytest.fixture(scope="session")
def signer() -> NoteSigner:
    """The key of the log at signet.example/log."""
    return NoteSigner("signet.example/log", Ed25519PrivateKey.from_private_bytes(b"k" * 32))


@pytest.fixture(scope="session")
def signed(signer: NoteSigner, stored_log: StoredLog) -> bytes:
    """The signed head of `stored_log`."""
    return sign_checkpoint(Checkpoint(signer.name, stored_log.size, stored_log.root), signer)
