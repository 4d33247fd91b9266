"""The contents of tiles: reading the tree's hashes from them, and growing them.

The layout is that of C2SP tlog-tiles, "Merkle Tree" and "Partial Tiles".
"""

from collections.abc import Callable, Sequence

from provenance.ledger.errors import FormatError, ProofError
from provenance.ledger.merkle import HASH_SIZE, HashReader, tree_root
from provenance.ledger.tiles import TILE_HEIGHT, TILE_WIDTH, Tile

TileReader = Callable[[str], bytes]
"""Finds the contents of a tile by its path; what it raises for a missing tile is its own."""


def hash_reader(read: TileReader, size: int) -> HashReader:
    """Reads the hashes of a tree of `size` entries from the tiles it was stored in.

    Each tile is read once and kept as long as the reader; tiles never change. They are believed:
    whoever reads them from a stranger has to verify the proofs made from them. The reader raises
    ProofError for a hash outside the tree, and FormatError for a tile of the wrong length.
    """
    known: dict[Tile, list[bytes]] = {}

    def read_hash(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile_index, first = divmod(index << height, TILE_WIDTH)
        stored = (size >> (TILE_HEIGHT * tile_level)) - tile_index * TILE_WIDTH
        end = first + (1 << height)
        if end > stored:
            raise ProofError(f"a tree of {size} entries has no subtree {index} at level {level}")
        tile = Tile(tile_level, tile_index, min(TILE_WIDTH, stored))
        if tile not in known:
            known[tile] = _hashes(read, tile)
        return tree_root(known[tile][first:end])

    return read_hash


def append(read: TileReader, size: int, leaf_hashes: Sequence[bytes]) -> dict[Tile, bytes]:
    """The tiles to store when these leaves are appended to a tree of `size` entries.

    They are the hash tiles of `grown_tiles`. Reads at most one tile, a partial one, for each level,
    and hashes 255 times for each tile that fills up. Raises FormatError for a tile of the wrong
    length.
    """
    grown: dict[Tile, bytes] = {}
    level, new = 0, list(leaf_hashes)
    while new:
        index, width = divmod(size, TILE_WIDTH)
        row = (_hashes(read, Tile(level, index, width)) if width else []) + new
        full_tiles = []
        for start in range(0, len(row), TILE_WIDTH):
            hashes = row[start : start + TILE_WIDTH]
            grown[Tile(level, index + start // TILE_WIDTH, len(hashes))] = b"".join(hashes)
            if len(hashes) == TILE_WIDTH:
                full_tiles.append(tree_root(hashes))
        level, size, new = level + 1, size // TILE_WIDTH, full_tiles
    return grown


def _hashes(read: TileReader, tile: Tile) -> list[bytes]:
    data = read(tile.path)
    if len(data) != tile.width * HASH_SIZE:
        raise FormatError(f"{tile.path} is not {tile.width * HASH_SIZE} bytes long")
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]
