"""Checks a whole log from its tiles and its signed head alone (C2SP tlog-tiles)."""

from collections.abc import Callable, Iterable, Iterator

from provenance.ledger.bundles import decode_bundle
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.errors import FormatError
from provenance.ledger.merkle import HASH_SIZE, Frontier, leaf_hash
from provenance.ledger.tile_store import TileReader, append
from provenance.ledger.tiles import TILE_WIDTH, Level, Tile, grown_tiles

_ENOUGH = 1000
"""Problems after which a log is given up."""


def check_tiles(
    read: TileReader,
    head: Checkpoint,
    on_progress: Callable[[int, int], None],
    kept: Checkpoint | None = None,
    there: Iterable[str] = (),
) -> list[str]:
    """What of a log does not fit, as sentences; none if every entry lies under the head.

    read: finds tiles and entry bundles; raises LookupError for one that is missing. head: with a
    signature that the caller has checked. on_progress: called with entries done, and in all.
    kept: a head that somebody kept, which has to be a beginning of this one; likewise checked.
    there: paths that whoever serves the log would serve; those of tiles must be this log's, now or
    when it was smaller.
    """
    problems: list[str] = []
    hashes: list[bytes] = []
    for tile in grown_tiles(0, head.size):
        if len(problems) > _ENOUGH:  # a stranger's head may name any size
            return [*problems, "there is more; the rest was not checked"]
        if tile.level == "entries":
            hashes += _leaf_hashes(read, tile, problems)
            on_progress(len(hashes), head.size)
    if Frontier().append(hashes).root != head.root:
        problems.append("the entries do not lead to the signed head")
    problems += _compare_kept(kept, hashes) if kept else []
    tiles = append(read, 0, hashes)
    for tile, content in tiles.items():
        problems += _compare(read, tile, content)
    newest = {(tile.level, tile.index): content for tile, content in tiles.items()}
    for problem in _other_tiles(read, there, newest):
        if len(problems) > _ENOUGH:
            return [*problems, "there is more; the rest was not checked"]
        problems.append(problem)
    return problems


def _other_tiles(
    read: TileReader, there: Iterable[str], newest: dict[tuple[Level, int], bytes]
) -> Iterator[str]:
    """What is wrong with tiles that are none of the newest: each has to be the beginning of one."""
    for path in there:
        try:
            tile = Tile.parse(path)
        except FormatError:
            continue  # nobody asks for it
        whole = newest.get((0 if tile.level == "entries" else tile.level, tile.index), b"")
        length = tile.width * HASH_SIZE
        if len(whole) == length:
            continue  # one of the newest
        if len(whole) < length:
            yield f"{path}: lies outside the log"
            continue
        try:
            content = read(path)
            if tile.level == "entries":
                content = b"".join(map(leaf_hash, decode_bundle(content, tile.width)))
        except (LookupError, FormatError) as error:
            yield f"{path}: {error}"
            continue
        if content != whole[:length]:
            yield f"{path}: is not what the log had when it was smaller"


def _compare_kept(kept: Checkpoint, hashes: list[bytes]) -> list[str]:
    if kept.size > len(hashes):
        return [f"entries {len(hashes)} to {kept.size - 1}, which the kept head covers, are gone"]
    if Frontier().append(hashes[: kept.size]).root != kept.root:
        return [f"the first {kept.size} entries do not lead to the head that was kept"]
    return []


def _leaf_hashes(read: TileReader, bundle: Tile, problems: list[str]) -> list[bytes]:
    """Of the entries in a bundle; where it cannot be read, what the tile says of them, so that
    one lost bundle does not hide the state of the rest."""
    try:
        return [leaf_hash(entry) for entry in decode_bundle(read(bundle.path), bundle.width)]
    except (LookupError, FormatError) as error:
        problems.append(f"{bundle.path}: {error}")
    try:
        content = read(Tile(0, bundle.index, bundle.width).path)
    except LookupError:
        content = b""
    content = content.ljust(bundle.width * HASH_SIZE, b"\0")
    return [content[i * HASH_SIZE : (i + 1) * HASH_SIZE] for i in range(bundle.width)]


def _compare(read: TileReader, tile: Tile, content: bytes) -> list[str]:
    try:
        stored = read(tile.path)
    except LookupError as error:
        return [f"{tile.path}: {error}"]
    if len(stored) != len(content):
        return [f"{tile.path}: has {len(stored)} bytes instead of {len(content)}"]
    first = tile.index * TILE_WIDTH
    differing = [
        first + at // HASH_SIZE
        for at in range(0, len(content), HASH_SIZE)
        if stored[at : at + HASH_SIZE] != content[at : at + HASH_SIZE]
    ]
    if tile.level == 0:
        return [f"entry {place} is not what was hashed" for place in differing]
    return [f"{tile.path}: tile {place} of the level below is another" for place in differing]
