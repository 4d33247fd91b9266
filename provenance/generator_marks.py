"""Open marks that other generators write with the package invisible-watermark, all by its dwtDct.

Each is a constant, published message: anyone can read, copy and remove it, so it names a family of
software and nobody. dwtDct (whose code takes no DCT) puts one bit into every 8x8 pixels of chroma
U: the largest but the first of the 4x4 values of its Haar low band, quantised in steps of 36. Bits
repeat in raster order, so one reading of the blocks serves messages of any length.

How sure a match is: a fair coin agrees with n bits in k places or more with probability
P(Bin(n, 1/2) >= k). Every threshold below is the smallest k for which that is at most
FALSE_POSITIVE, divided by the number of readings that are tried, so that unmarked pictures match
any message with at most that probability. Their answers are no fair coins, but they do not depend
on the message either; `tests/provenance/test_generator_marks.py` tries clean clips.

Lossy coding erases these marks (JPEG at quality 90 and H.264 at crf 10 do): they are found in PNG,
lossless WebP and lossless video.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from provenance.watermark.open_mark import MIN_PIXELS, STEP, low_band
from provenance.watermark.types import Frames

FALSE_POSITIVE = 1e-6
"""Bound on the probability that unmarked pictures carry any of these marks."""

_FRAMES_READ = 3

# As the encoders write them: diffusers and Stability AI's scripts turn the number into binary with
# bin(), which drops the leading zeros of FLUX's, so that 46 bits are left.
_SDXL = 0b101100111110110010010000011110111011000110011110
_FLUX = 0b001010101111111010000111100111001111010100101110


def _bits_of(message: bytes | int) -> npt.NDArray[np.uint8]:
    if isinstance(message, bytes):
        return np.unpackbits(np.frombuffer(message, np.uint8))
    return np.array([int(bit) for bit in bin(message)[2:]], np.uint8)


MESSAGES: dict[str, npt.NDArray[np.uint8]] = {
    "Stable Diffusion 1": _bits_of(b"StableDiffusionV1"),
    "Stable Diffusion 1 inpainting": _bits_of(b"StableDiffusionV1-Inpainting"),
    "Stable Diffusion 2": _bits_of(b"SDV2"),
    "Stable Diffusion XL or Stable Video Diffusion": _bits_of(_SDXL),
    "FLUX": _bits_of(_FLUX),
}
_READINGS = 2 * len(MESSAGES)  # some versions of diffusers took red for blue and blue for red


@dataclass(frozen=True)
class GeneratorMark:
    """The open mark of another generator: which, and how many of its bits were read right.

    log10_false_positive  bound on the probability that unmarked pictures agree as well with any
                          message, as log10
    """

    generator: str
    bits_correct: int
    bits: int
    log10_false_positive: float


def threshold(bits: int) -> int:
    """The fewest of `bits` that have to agree."""
    return next(k for k in range(bits + 1) if _READINGS * _tail(bits, k) <= FALSE_POSITIVE)


def read(frames: Frames) -> GeneratorMark | None:
    """The mark that up to three frames spread over the clip, uint8 RGB (N, H, W, 3), agree on best;
    None if there is none, or for pictures that the package refuses (under 256x256 pixels)."""
    if frames.shape[1] * frames.shape[2] < MIN_PIXELS:
        return None
    chosen = np.linspace(0, len(frames) - 1, min(_FRAMES_READ, len(frames))).round().astype(int)
    best = None
    for order in (slice(None), slice(None, None, -1)):
        votes = np.mean([_block_bits(frames[index][..., order]) for index in chosen], axis=0)
        for generator, message in MESSAGES.items():
            correct = _agreement(votes, message)
            if correct >= threshold(message.size):
                bound = math.log10(_READINGS * _tail(message.size, correct))
                if best is None or bound < best.log10_false_positive:
                    best = GeneratorMark(generator, correct, message.size, bound)
    return best


def _agreement(votes: npt.NDArray[np.float64], message: npt.NDArray[np.uint8]) -> int:
    """How many bits of `message` most of the blocks that would carry them agree with."""
    place = np.arange(votes.size) % message.size
    share = np.bincount(place, votes, message.size) / np.bincount(place, minlength=message.size)
    return int(np.count_nonzero((share >= 0.5) == message))


def _block_bits(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """The bit of every 8x8 pixels of one RGB frame, in raster order."""
    values = low_band(np.ascontiguousarray(frame))
    largest = values.reshape(16, -1)[1:].max(axis=0)
    return np.asarray(largest % STEP > STEP / 2)


def _tail(bits: int, at_least: int) -> float:
    """P(Bin(bits, 1/2) >= at_least)."""
    return float(sum(math.comb(bits, k) for k in range(at_least, bits + 1)) / 2**bits)
