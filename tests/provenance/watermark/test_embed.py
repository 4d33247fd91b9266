import numpy as np
import pytest

from provenance.watermark import WatermarkError, embed
from provenance.watermark.embed import embed_luma

KEY = b"a key of thirty-two bytes length"


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((first.astype(np.float32) - second) ** 2)))


def luma(frames: np.ndarray) -> np.ndarray:
    return frames @ np.array([0.299, 0.587, 0.114], np.float32)


def test_quality_of_both_marks_together(ship: np.ndarray) -> None:
    frames = ship[:4]
    marked = embed(frames, 2**64 - 1, KEY)
    assert marked.shape == frames.shape
    assert marked.dtype == np.uint8
    assert psnr(luma(frames), luma(marked)) >= 43
    assert psnr(frames, marked) >= 40.5


def test_the_same_arguments_give_the_same_pixels(small: np.ndarray) -> None:
    before = small.copy()
    first = embed(small, 5, KEY)
    np.testing.assert_array_equal(first, embed(small, 5, KEY))
    np.testing.assert_array_equal(small, before)
    assert (first != embed(small, 6, KEY)).any()
    assert (first != embed(small, 5, KEY + b"!")).any()


def test_still_frames_are_marked_alike(small: np.ndarray) -> None:
    """Nothing flickers where nothing moves."""
    marked = embed(np.repeat(small[:1], 3, axis=0), 5, KEY)
    np.testing.assert_array_equal(marked[0], marked[1])
    np.testing.assert_array_equal(marked[0], marked[2])


def test_flat_dark_and_moving_parts_change_less() -> None:
    random = np.random.default_rng(0)
    frame = np.full((256, 512, 3), 128, np.uint8)
    frame[:, 256:] = random.integers(60, 200, (256, 256, 1))
    change = np.abs(embed_luma(frame[None], 5, KEY)[0].astype(int) - frame)
    assert change[:, :240].mean() < 0.9 * change[:, 272:].mean()
    frame[:, 256:] = 8
    change = np.abs(embed_luma(frame[None], 5, KEY)[0].astype(int) - frame)
    assert change[:, 272:].mean() < 0.8 * change[:, :240].mean()
    after = frame.copy()
    after[:, 256:] = 60  # a jump of brightness, otherwise as flat as the left half
    moving = np.stack([frame, after])
    change = np.abs(embed_luma(moving, 5, KEY)[1].astype(int) - moving[1])
    assert change[:, 272:].mean() < 0.8 * change[:, :240].mean()


def test_the_luma_mark_alone_changes_luma_alone(small: np.ndarray) -> None:
    change = embed_luma(small, 5, KEY).astype(int) - small
    inside = (small > 20).all(axis=3) & (small < 235).all(axis=3)
    assert (np.ptp(change[inside], axis=1) == 0).all()
    assert change.any()


def test_memory_order_does_not_matter(small: np.ndarray) -> None:
    turned = np.rot90(small, 1, (1, 2))
    np.testing.assert_array_equal(
        embed(turned, 5, KEY), embed(np.ascontiguousarray(turned), 5, KEY)
    )


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((1, 127, 256, 3), np.uint8),
        ((1, 256, 127, 3), np.uint8),
        ((0, 256, 256, 3), np.uint8),
        ((256, 256, 3), np.uint8),
        ((1, 256, 256, 4), np.uint8),
        ((1, 256, 256, 3), np.float32),
    ],
)
def test_other_arrays_are_errors(shape: tuple[int, ...], dtype: type) -> None:
    with pytest.raises(WatermarkError):
        embed(np.zeros(shape, dtype), 1, KEY)


@pytest.mark.parametrize("mark_id", [-1, 2**64])
def test_ids_outside_64_bits_are_errors(small: np.ndarray, mark_id: int) -> None:
    with pytest.raises(WatermarkError, match="2\\*\\*64"):
        embed(small, mark_id, KEY)


def test_ids_that_are_no_whole_numbers_are_errors(small: np.ndarray) -> None:
    with pytest.raises(WatermarkError, match="whole number"):
        embed(small, 1.5, KEY)  # type: ignore[arg-type]
    np.testing.assert_array_equal(embed(small, np.uint64(5), KEY), embed(small, 5, KEY))


def test_short_keys_are_errors(small: np.ndarray) -> None:
    with pytest.raises(WatermarkError, match="16 bytes"):
        embed(small, 1, b"short")
