import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.watermark import pattern


@given(st.integers(0, 2**32 - 1))
def test_analysis_inverts_synthesis(seed: int) -> None:
    random = np.random.default_rng(seed)
    band = (random.normal(size=pattern.SIZE) + 1j * random.normal(size=pattern.SIZE)).astype(
        np.complex64
    )
    tile = pattern.synthesise(band)
    assert tile.shape == (pattern.TILE, pattern.TILE)
    np.testing.assert_allclose(pattern.analyse(tile), band, atol=1e-3)


@pytest.mark.parametrize("orientation", pattern.ORIENTATIONS)
def test_orientations_are_undone(orientation: int) -> None:
    tile = np.random.default_rng(0).normal(size=(pattern.TILE, pattern.TILE)).astype(np.float32)
    turned = pattern.orient(tile, orientation)
    np.testing.assert_array_equal(pattern.undo_orient(turned, orientation), tile)
    assert (orientation == 0) == np.array_equal(turned, tile)


@given(st.integers(128, 400), st.integers(128, 400))
def test_folding_a_cover_adds_up_the_repetitions(height: int, width: int) -> None:
    tile = np.arange(pattern.TILE**2, dtype=np.float32).reshape(pattern.TILE, pattern.TILE)
    cover = pattern.cover(tile, height, width)
    assert cover.shape == (height, width)
    down = (np.arange(height) % pattern.TILE)[:, None]
    across = (np.arange(width) % pattern.TILE)[None, :]
    repetitions = np.zeros_like(tile)
    np.add.at(repetitions, (down, across), 1)
    np.testing.assert_array_equal(pattern.fold(cover), tile * repetitions)
