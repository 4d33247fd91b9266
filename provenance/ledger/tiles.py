"""Tiles: pieces of the tree as files that never change, and their names (C2SP tlog-tiles).

A full tile holds 256 neighbouring hashes, of leaves at level 0 and of full tiles of the level below
from level 1 on. Only the last tile of a level can be partial. An entry bundle holds the entries
themselves and is named after the tile of their leaf hashes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from provenance.ledger.errors import FormatError

Level = int | Literal["entries"]

TILE_HEIGHT = 8
TILE_WIDTH = 256

_MAX_LEVEL = 63
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True)
class Tile:
    """One tile or entry bundle (C2SP tlog-tiles, "Merkle Tree" and "Log entries").

    `level` is 0 to 63, or "entries" for a bundle; `index` counts from 0 at each level; `width` is
    the number of hashes or entries, 1 to 256. Raises FormatError outside these ranges.
    """

    level: Level
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level != "entries" and not 0 <= self.level <= _MAX_LEVEL:
            raise FormatError(f"there is no tile level {self.level}")
        if self.index < 0 or not 1 <= self.width <= TILE_WIDTH:
            raise FormatError(f"there is no tile {self.index} of width {self.width}")

    @property
    def path(self) -> str:
        """The path below the log's URL: `tile/0/x001/067`, with `.p/5` at the end if partial."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        *higher, last = (digits[i : i + 3] for i in range(0, len(digits), 3))
        name = "".join(f"x{three}/" for three in higher) + last
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{name}{partial}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """The tile at `path`. Raises FormatError unless it is spelt exactly as `Tile.path` does."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise FormatError("this is not the path of a tile")
        level, index, width = match.groups()
        tile = cls(
            "entries" if level == "entries" else int(level),
            int(index.replace("x", "").replace("/", "")),
            TILE_WIDTH if width is None else int(width),
        )
        if tile.path != path:
            raise FormatError(f"the path of this tile is spelt {tile.path}")
        return tile


def grown_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    """What a log has to publish when it grows from `old_size` to `new_size` entries.

    The entry bundles come first, then the tiles from level 0 up. Raises FormatError unless
    0 <= old_size <= new_size.
    """
    if not 0 <= old_size <= new_size:
        raise FormatError(f"a log cannot grow from {old_size} to {new_size} entries")
    yield from _grown("entries", old_size, new_size)
    level = 0
    while old_size < new_size:
        yield from _grown(level, old_size, new_size)
        level, old_size, new_size = level + 1, old_size // TILE_WIDTH, new_size // TILE_WIDTH


def tiles_from_the_root(size: int) -> Iterator[Tile]:
    """What `grown_tiles(0, size)` names, the highest level first and the entry bundles last."""
    for level in reversed(range(len(_sizes(size)))):
        yield from _grown(level, 0, _sizes(size)[level])
    yield from _grown("entries", 0, size)


def count_tiles(size: int) -> int:
    """How many tiles and bundles a log of `size` entries consists of."""
    return sum(-(-each // TILE_WIDTH) for each in (size, *_sizes(size)))


def _sizes(size: int) -> list[int]:
    """How many hashes each level of the tiles holds, from level 0 up."""
    sizes = []
    while size:
        sizes.append(size)
        size //= TILE_WIDTH
    return sizes


def _grown(level: Level, old: int, new: int) -> Iterator[Tile]:
    for index in range(old // TILE_WIDTH, -(-new // TILE_WIDTH) if new > old else 0):
        yield Tile(level, index, min(TILE_WIDTH, new - index * TILE_WIDTH))
