"""Other generators' open marks: written by the stock package, read here, never read out of clean
pictures."""

import math
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from imwatermark import WatermarkEncoder

from generator.demo.draw import draw
from generator.demo.world import sample
from provenance.generator_marks import (
    FALSE_POSITIVE,
    MESSAGES,
    _agreement,
    _block_bits,
    read,
    threshold,
)


@pytest.fixture(scope="module")
def natural(natural_clip: Path) -> np.ndarray:
    """Three frames of the natural clip."""
    with av.open(str(natural_clip)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames[:3])


def marked(frames: np.ndarray, generator: str, *, swapped: bool = False) -> np.ndarray:
    """Frames as the package returns them; `swapped` as some diffusers handed them over."""
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", list(MESSAGES[generator]))
    order = slice(None) if swapped else slice(None, None, -1)
    return np.stack(
        [
            encoder.encode(np.ascontiguousarray(frame[..., order]), "dwtDct")[..., order]
            for frame in frames
        ]
    )


@pytest.mark.parametrize("generator", MESSAGES)
def test_mark_of_the_stock_package_is_read(natural: np.ndarray, generator: str) -> None:
    found = read(marked(natural, generator))
    assert found is not None
    assert (found.generator, found.bits_correct) == (generator, found.bits)
    assert found.log10_false_positive <= math.log10(FALSE_POSITIVE)


def test_mark_with_red_and_blue_exchanged_is_read(natural: np.ndarray) -> None:
    generator = "Stable Diffusion XL or Stable Video Diffusion"
    found = read(marked(natural[:1], generator, swapped=True))
    assert found is not None
    assert found.generator == generator


def test_messages_are_the_published_ones() -> None:
    assert bytes(np.packbits(MESSAGES["Stable Diffusion 2"])) == b"SDV2"
    assert {name: message.size for name, message in MESSAGES.items()} == {
        "Stable Diffusion 1": 136,
        "Stable Diffusion 1 inpainting": 224,
        "Stable Diffusion 2": 32,
        "Stable Diffusion XL or Stable Video Diffusion": 48,
        "FLUX": 46,
    }


@pytest.mark.parametrize("bits", sorted({message.size for message in MESSAGES.values()}))
def test_threshold_keeps_the_stated_bound(bits: int) -> None:
    def tail(k: int) -> float:
        return sum(math.comb(bits, i) for i in range(k, bits + 1)) / 2**bits

    tried = 2 * len(MESSAGES)
    assert tried * tail(threshold(bits)) <= FALSE_POSITIVE < tried * tail(threshold(bits) - 1)


def clean_clips(natural: np.ndarray) -> Iterator[np.ndarray]:
    chance = np.random.default_rng(0)
    yield natural
    yield from (natural[:1, y : y + 280, x : x + 280] for y in (3, 150) for x in (5, 400))
    yield chance.integers(0, 256, (2, 256, 256, 3), np.uint8)
    yield from (np.full((1, 256, 256, 3), level, np.uint8) for level in (0, 90, 255))
    ramp = np.linspace(0, 255, 320).astype(np.uint8)
    across, down = np.meshgrid(ramp, ramp[::-1])
    yield np.stack([across, down, np.zeros_like(across)], -1)[None]
    for seed in range(6):
        (drawn,) = draw(sample(seed), [0])
        yield cv2.resize(drawn, (720, 480), interpolation=cv2.INTER_CUBIC)[None]


def test_clean_clips_have_no_mark_and_come_nowhere_near_one(natural: np.ndarray) -> None:
    for clip in clean_clips(natural):
        assert read(clip) is None
        votes = np.mean([_block_bits(frame) for frame in clip], axis=0)
        for message in MESSAGES.values():
            assert _agreement(votes, message) <= (threshold(message.size) + message.size // 2) // 2


def test_pictures_that_the_package_refuses_are_not_read() -> None:
    assert read(np.zeros((1, 128, 128, 3), np.uint8)) is None
