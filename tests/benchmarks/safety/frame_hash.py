"""What the blocklist's hash recalls, and what it takes for listed by mistake, on demo clips or on
videos: python -m tests.benchmarks.safety.frame_hash"""

import argparse
import tempfile
from collections.abc import Callable
from itertools import permutations, product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from generator.catalogue import plan
from generator.cogvideox import load
from generator.encode import encode
from provenance.media import Limits, decode
from safety.frames.blocklist import MATCH, RELIABLE_QUALITY
from safety.frames.parts import parts
from safety.frames.pdq import PdqHash, pdq

Clip = NDArray[np.uint8]
_SCENES = [
    f"a {colour} {shape} {motion} over a {background} background"
    for (colour, background), shape, motion in product(
        [("red", "blue"), ("yellow", "green"), ("white", "black")],
        ["circle", "square", "triangle"],
        ["moves left to right", "bounces"],
    )
]


def reencoded(clip: Clip) -> Clip:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        encode(clip, 8, path, crf=28)
        with decode(path, Limits()) as decoded:
            return np.array(decoded.frames[:])


def halved(clip: Clip) -> Clip:
    return np.stack(
        [cv2.resize(f, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for f in clip]
    )


def cropped(clip: Clip) -> Clip:
    """A tenth of the width and height, evenly from all sides."""
    height, width = (side // 20 for side in clip.shape[1:3])
    return clip[:, height:-height, width:-width]


def cut_below(clip: Clip) -> Clip:
    """Seven hundredths of the height."""
    return clip[:, : -round(0.07 * clip.shape[1])]


def cut_anyhow(clip: Clip) -> Clip:
    """Up to a tenth from every side."""
    height, width = clip.shape[1:3]
    left, top, right, bottom = np.random.default_rng(0).uniform(0, 0.1, 4)
    return clip[
        :,
        round(height * top) : round(height * (1 - bottom)),
        round(width * left) : round(width * (1 - right)),
    ]


_CHANGES: dict[str, Callable[[Clip], Clip]] = {
    "H.264 crf 28": reencoded,
    "scaled to half": halved,
    "mirrored": lambda clip: clip[:, :, ::-1],
    "cropped 10 %": cropped,
    "7 % off below": cut_below,
    "0-10 % off each": cut_anyhow,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=len(_SCENES), help="of the demo model")
    parser.add_argument("--steps", type=int, default=8, help="denoising steps")
    parser.add_argument("--videos", type=Path, nargs="+", help="of different things, instead")
    options = parser.parse_args()
    clips = [*map(read, options.videos)] if options.videos else render(options.clips, options.steps)
    quality = np.array([pdq(frame).quality for clip in clips for frame in clip])
    print(
        f"{len(clips)} clips, {len(quality)} frames; quality, median {np.median(quality):.0f}, "
        f"at least {RELIABLE_QUALITY}: {np.mean(quality >= RELIABLE_QUALITY):.0%}"
    )
    changed = {
        name: [hashes(change(clip)) for clip in clips]
        for name, change in ({"unchanged": lambda clip: clip} | _CHANGES).items()
    }
    for what, listing in (("listed alone", alone), ("with its parts", with_parts)):
        listed = [[listing(frame) for frame in clip] for clip in clips]
        for name, found in changed.items():
            away = np.array(
                [
                    distance(one, other)
                    for clip, seen in zip(listed, found, strict=True)
                    for one, other in zip(clip, seen, strict=True)
                ]
            )
            matched, median = np.mean(away <= MATCH), np.median(away)
            print(f"{what:14}  {name:16} recall {matched:6.1%}  median {median:.0f} bits")
        for name, found in changed.items():
            wrong = np.array(
                [
                    distance(one, other)
                    for clip, seen in permutations(range(len(clips)), 2)
                    for one, other in product(listed[clip], found[seen])
                ]
            )
            print(
                f"{what:14}  {name:16} false {np.mean(wrong <= MATCH):6.2%} of {len(wrong)} pairs "
                f"of other clips, nearest {wrong.min()} bits"
            )


def read(path: Path) -> Clip:
    """Three frames, at most 480 pixels wide."""
    with decode(path, Limits()) as decoded:
        frames = decoded.frames[:: max(decoded.num_frames // 3, 1)][:3]
        scale = min(1.0, 480 / frames.shape[2])
        return np.stack(
            [cv2.resize(f, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for f in frames]
        )


def render(count: int, steps: int) -> list[Clip]:
    renderer = load("demo")
    return [
        renderer.render(
            plan("demo", prompt=text, seconds=1, steps=steps, seed=seed),
            lambda _step, _total: None,
        ).frames[::4]
        for seed, text in enumerate(_SCENES[:count])
    ]


def hashes(clip: Clip) -> list[PdqHash]:
    return [pdq(frame) for frame in clip]


def alone(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pdq(picture).views[:1]


def with_parts(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As `signet frames hash` lists it."""
    found = [pdq(part) for _, part in parts(picture)]
    listed = [each.views[0] for each in found if each.quality >= RELIABLE_QUALITY]
    return np.stack([pdq(picture).views[0], *listed])


def distance(listed: NDArray[np.uint8], seen: PdqHash) -> int:
    return int((seen.views[:, None] != listed[None]).sum(axis=2).min())


if __name__ == "__main__":
    main()
