"""What the blocklist's hash recalls, and what it takes for listed by mistake, on demo clips:
python -m tests.benchmarks.safety.frame_hash"""

import argparse
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from generator.catalogue import plan
from generator.cogvideox import load
from generator.encode import encode
from provenance.media import Limits, decode
from safety.frames.blocklist import MATCH, RELIABLE_QUALITY
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


_CHANGES: dict[str, Callable[[Clip], Clip]] = {
    "H.264 crf 28": reencoded,
    "scaled to half": halved,
    "mirrored": lambda clip: clip[:, :, ::-1],
    "cropped 10 %": cropped,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=len(_SCENES), help="of the demo model")
    parser.add_argument("--steps", type=int, default=8, help="denoising steps")
    options = parser.parse_args()
    renderer = load("demo")
    clips = [
        renderer.render(
            plan("demo", prompt=text, seconds=1, steps=options.steps, seed=seed),
            lambda _step, _total: None,
        ).frames[::4]
        for seed, text in enumerate(_SCENES[: options.clips])
    ]
    original = [hashes(clip) for clip in clips]
    quality = [each.quality for clip in original for each in clip]
    print(
        f"{len(clips)} clips, {len(quality)} frames; quality, median {np.median(quality):.0f}, "
        f"at least {RELIABLE_QUALITY}: {np.mean(np.array(quality) >= RELIABLE_QUALITY):.0%}"
    )
    for name, change in _CHANGES.items():
        found = [hashes(change(clip)) for clip in clips]
        away = np.array(
            [
                distance(one, other)
                for clip, changed in zip(original, found, strict=True)
                for one, other in zip(clip, changed, strict=True)
            ]
        )
        print(f"{name:16} recall {np.mean(away <= MATCH):6.1%}  median {np.median(away):.0f} bits")
    wrong = np.array(
        [
            distance(one, other)
            for number, clip in enumerate(original)
            for later in original[number + 1 :]
            for one, other in product(clip, later)
        ]
    )
    print(
        f"other clips      false {np.mean(wrong <= MATCH):6.2%} of {len(wrong)} pairs, "
        f"median {np.median(wrong):.0f} bits"
    )


def hashes(clip: Clip) -> list[PdqHash]:
    return [pdq(frame) for frame in clip]


def distance(listed: PdqHash, seen: PdqHash) -> int:
    return int((seen.views != listed.views[0]).sum(axis=1).min())


if __name__ == "__main__":
    main()
