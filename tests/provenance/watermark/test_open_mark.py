from collections.abc import Callable

import numpy as np
import pytest
from imwatermark import WatermarkDecoder

from provenance.watermark import OPEN_MESSAGE, detect, embed, open_mark, stock_software_reads

KEY = b"a key of thirty-two bytes length"


def stock_reads(frames: np.ndarray) -> int:
    """In how many frames invisible-watermark's own decoder finds exactly the open message."""
    return sum(stock_software_reads(frame) for frame in frames)


def test_the_stock_decoder_reads_the_delivered_file(
    ship: np.ndarray, reencode: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    delivered = reencode(embed(ship[:12], 7, KEY), 18)
    assert stock_reads(delivered) >= 11
    found = detect(delivered[:8], [KEY])
    assert found.open_mark == open_mark.OpenMark(OPEN_MESSAGE.hex(), True, 32, 32)
    assert found.mark_id == 7


def test_flat_content_carries_it_too(
    circle: np.ndarray, reencode: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    assert stock_reads(reencode(embed(circle, 7, KEY), 18)) == len(circle)


@pytest.mark.parametrize("size", [(256, 256), (257, 263), (130, 720)])
def test_sizes_that_are_no_multiple_of_the_block(ship: np.ndarray, size: tuple[int, int]) -> None:
    frames = np.ascontiguousarray(ship[:2, : size[0], : size[1]])
    assert stock_reads(embed(frames, 7, KEY)) == 2


def test_clean_video_does_not_match(ship: np.ndarray, circle: np.ndarray) -> None:
    for frames in (ship, circle, np.zeros_like(circle[:1]), np.full_like(circle[:1], 255)):
        read = open_mark.read(frames)
        assert read is not None
        assert not read.matches


@pytest.mark.parametrize("marked", [False, True])
def test_our_reader_and_the_stock_one_agree_bit_by_bit(ship: np.ndarray, marked: bool) -> None:
    frames = embed(ship[:1], 7, KEY) if marked else ship[:1]
    random = np.random.default_rng(0)
    noisy = np.clip(frames + random.normal(0, 12, frames.shape), 0, 255).astype(np.uint8)
    decoder = WatermarkDecoder("bits", 32)
    for one in (frames, noisy, noisy[:, :300, :411]):
        stock = decoder.decode(np.ascontiguousarray(one[0, ..., ::-1]), "dwtDctSvd").astype(int)
        ours = open_mark.read(one)
        assert ours is not None
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(ours.message), np.uint8))
        np.testing.assert_array_equal(bits, stock)


def test_small_pictures_carry_no_open_mark(small: np.ndarray) -> None:
    assert not open_mark.chroma_change(small[0]).any()
    assert open_mark.read(small) is None
