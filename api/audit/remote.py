"""A copy of a whole log from its public address alone (C2SP tlog-tiles), checked as it comes.

Nothing is put into the folder that does not lie under the signed head: tiles are fetched from the
root down, each compared with the hash above it, and then the entries. A copy that broke off is
gone on with where it stopped, and what was damaged there meanwhile is fetched again.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.audit import folder as files
from api.audit import mirror
from api.audit.exchange import AnswerError, exchange
from provenance.ledger.bundles import MAX_ENTRY_BYTES, decode_bundle
from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.errors import FormatError, LedgerError, ProofError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import HASH_SIZE, Frontier, leaf_hash, tree_root
from provenance.ledger.tile_store import TileReader, hash_reader
from provenance.ledger.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    count_tiles,
    tiles_from_the_root,
)

_SECONDS = 30.0
"""For one file."""
_LARGEST_HEAD = 64 * 1024


class RemoteError(RuntimeError):
    """Nothing at the address answers as a log does."""


def fetch(url: str, folder: Path, key: VerifierKey, on_progress: Callable[[int, int], None]) -> int:
    """Copy the log at `url`, below which its checkpoint and tiles lie, up to its newest signed
    head; returns how many entries that has.

    on_progress: called with files done, and in all. Raises RemoteError where the log is not to be
    had, OSError where the folder cannot be written, and LedgerError, with the folder's head as it
    was, where the log is not signed with the key, does not fit its head, or is no continuation of
    what the folder holds.
    """
    with _reader(url) as read:
        note = read(mirror.HEAD)
        head, _ = open_checkpoint(note, [key])
        folder.mkdir(parents=True, exist_ok=True)
        mirror.require_continuation(read, folder, head, key)
        edge = _edge(read, head)
        total = count_tiles(head.size)
        for done, tile in enumerate(tiles_from_the_root(head.size), start=1):
            if tile.path in edge:
                files.write(folder, tile.path, edge[tile.path])
            elif not _is_there(folder, tile, head.size):
                content = read(tile.path)
                _check(folder, tile, content, head.size)
                files.write(folder, tile.path, content)
            on_progress(done, total)
    mirror.finish(folder, note, key)
    return head.size


@contextmanager
def _reader(url: str) -> Iterator[TileReader]:
    """Reads the files of a log, over one connection if it can."""
    with asyncio.Runner() as loop:
        client = httpx.AsyncClient(timeout=_SECONDS)

        def read(path: str) -> bytes:
            address = f"{url.rstrip('/')}/{path}"
            try:
                request = client.build_request("GET", address)
                answer = exchange(client, request, longest=_limit(path), seconds=_SECONDS)
                status, content = loop.run(answer)
            except (AnswerError, httpx.HTTPError, httpx.InvalidURL) as error:
                what = str(error) or type(error).__name__
                raise RemoteError(f"{address}: {what}") from error
            if status != httpx.codes.OK:
                raise RemoteError(
                    f"{address}: status {status}; a log's address is such as "
                    "https://signet.example/v1/audit"
                )
            return content

        try:
            yield read
        finally:
            loop.run(client.aclose())


def _limit(path: str) -> int:
    if path == mirror.HEAD:
        return _LARGEST_HEAD
    tile = Tile.parse(path)
    return tile.width * (2 + MAX_ENTRY_BYTES if tile.level == "entries" else HASH_SIZE)


def _edge(read: TileReader, head: Checkpoint) -> dict[str, bytes]:
    """The partial tiles, by their paths, of whose hashes the head's root is made. Raises
    ProofError if it is not, and FormatError for a tile of the wrong length."""
    edge: dict[str, bytes] = {}

    def read_once(path: str) -> bytes:
        edge[path] = read(path)
        return edge[path]

    found = Frontier.of_stored_tree(hash_reader(read_once, head.size), head.size)
    if found.root != head.root:
        raise ProofError("the tiles do not lead to the signed head")
    return edge


def _is_there(folder: Path, tile: Tile, size: int) -> bool:
    try:
        _check(folder, tile, files.read(folder, tile.path, _limit(tile.path)), size)
    except (OSError, LedgerError):
        return False
    return True


def _check(folder: Path, tile: Tile, content: bytes, size: int) -> None:
    """Compare a full tile with the hash above it, or a bundle with the lowest tile; these are in
    the folder. Raises ProofError and FormatError."""
    stored = hash_reader(lambda path: files.read(folder, path, _limit(path)), size)
    if tile.level == "entries":
        hashes = [leaf_hash(entry) for entry in decode_bundle(content, tile.width)]
        first = tile.index * TILE_WIDTH
        fits = all(digest == stored(0, place) for place, digest in enumerate(hashes, first))
    else:
        if len(content) != TILE_WIDTH * HASH_SIZE:
            raise FormatError(f"{tile.path} is not {TILE_WIDTH * HASH_SIZE} bytes long")
        row = [content[at : at + HASH_SIZE] for at in range(0, len(content), HASH_SIZE)]
        fits = tree_root(row) == stored(TILE_HEIGHT * (tile.level + 1), tile.index)
    if not fits:
        raise ProofError(f"{tile.path} is not what the head was signed for")
