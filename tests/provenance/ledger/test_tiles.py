"""Names of tiles: the specification's examples, and which ones a growing log has to publish."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.errors import FormatError
from provenance.ledger.tiles import Tile, count_tiles, grown_tiles, tiles_from_the_root

SIZES = st.integers(0, 2**63 - 1)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 67), "tile/0/067"),
        (Tile(0, 1067), "tile/0/x001/067"),
        (Tile(2, 1234067), "tile/2/x001/x234/067"),  # the specification's example
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile("entries", 273, 112), "tile/entries/273.p/112"),
        (Tile("entries", 2**55 - 1, 1), "tile/entries/x036/x028/x797/x018/x963/967.p/1"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(0, 63) | st.just("entries"), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_a_path_names_one_tile(level, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/" + "x999/" * 9 + "999",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    with pytest.raises(FormatError):
        Tile.parse(path)


@given(st.text(alphabet="tile/ns0123456789x.p\n", max_size=40))
def test_any_text_is_a_path_or_refused(path: str) -> None:
    with contextlib.suppress(FormatError):
        assert Tile.parse(path).path == path


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_impossible_tiles(level: int, index: int, width: int) -> None:
    with pytest.raises(FormatError):
        Tile(level, index, width)


def test_the_tiles_of_a_tree_are_those_of_the_specification() -> None:
    """C2SP tlog-tiles, "Partial Tiles": a tree of 70,000 entries, and one of 256."""
    tiles = [tile for tile in grown_tiles(0, 70_000) if tile.level != "entries"]
    assert tiles == [
        *(Tile(0, index) for index in range(273)),
        Tile(0, 273, 112),
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert list(grown_tiles(0, 256)) == [Tile("entries", 0), Tile(0, 0), Tile(1, 0, 1)]


def all_tiles(size: int) -> set[Tile]:
    """The tiles and bundles of a tree by the formulas of "Merkle Tree" and "Partial Tiles"."""
    found = set()
    for level in range(8):
        full, width = divmod(size // 256**level, 256)
        names = [Tile(level, n) for n in range(full)] + (
            [Tile(level, full, width)] if width else []
        )
        found.update(names)
        if level == 0:
            found.update(Tile("entries", tile.index, tile.width) for tile in names)
    return found


@given(st.integers(0, 140_000), st.integers(0, 1000))
def test_growth_publishes_what_was_not_there(old: int, more: int) -> None:
    grown = list(grown_tiles(old, old + more))
    assert len(grown) == len(set(grown))
    assert set(grown) == all_tiles(old + more) - all_tiles(old)


@given(st.integers(0, 140_000))
def test_a_whole_log_is_read_from_the_root_down(size: int) -> None:
    tiles = list(tiles_from_the_root(size))
    assert (len(tiles), set(tiles)) == (count_tiles(size), set(grown_tiles(0, size)))
    levels = [-1 if tile.level == "entries" else tile.level for tile in tiles]
    assert levels == sorted(levels, reverse=True)


@given(SIZES, st.integers(1, 600))
def test_growth_costs_no_more_in_a_huge_log(size: int, more: int) -> None:
    assert len(list(grown_tiles(size, size + more))) <= 20


def test_logs_do_not_shrink() -> None:
    for old, new in [(5, 4), (-1, 4)]:
        with pytest.raises(FormatError):
            list(grown_tiles(old, new))
