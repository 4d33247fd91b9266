"""What the fingerprint recalls, how often it takes one video for another, and how long a search
takes: python -m tests.benchmarks.fingerprint [--quick]

Copies are made by the watermark study's attacks; clips are the study's, too. Other videos are
scenes of noise with the spectrum of natural pictures and the demo model's drawn world.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np

from generator.demo import draw, world
from provenance.fingerprint import (
    Fingerprint,
    Index,
    Query,
    code,
    compare,
    examine,
    fingerprint,
)
from provenance.fingerprint.index import indexed_codes
from provenance.fingerprint.pictures import SIDE, Frames, Small, View
from provenance.fingerprint.stored import from_view
from tests.benchmarks.watermark import clips
from tests.benchmarks.watermark.attacks import ATTACKS, Clip, apply

PROMISED = ("codec", "resize", "crop", "rotate", "time")
"""Families of attacks that a match must survive: the rest of tier core is shown beside them."""
AGREES = 0.5
PLOT = Path("docs/fingerprint-tail.svg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two clips, every fourth attack")
    parser.add_argument("--videos", type=int, default=1_000_000, help="in the index")
    parser.add_argument("--scenes", type=int, default=60, help="other videos, all pairs")
    options = parser.parse_args()
    names = [*clips.natural(), *clips.drawn.DRAWN]
    names = names[:2] if options.quick else names
    core = [name for name, attack in ATTACKS.items() if attack.tier == "core"]
    core = core[::4] if options.quick else core
    stored = {name: fingerprint(clips.load(name)) for name in names}
    index = crowd(options.videos)
    index.add((name, indexed_codes(own)) for name, own in stored.items())
    recall(core, stored, index)
    false_matches(options.scenes)


def recall(attacks: list[str], stored: dict[str, Fingerprint], index: Index) -> None:
    """Print, for each attack, how many copies agree with their video and are found among all."""
    agreed, found, compare_ms, search_ms = {}, {}, [], []
    for name, own in stored.items():
        for attack in attacks:
            copy = apply(attack, Clip(clips.load(name)), clips.foreign())
            query = examine(copy.frames)
            started = time.process_time()
            match = compare(query, own)
            compare_ms.append(1000 * (time.process_time() - started))
            started = time.process_time()
            candidates = index.search(query)
            search_ms.append(1000 * (time.process_time() - started))
            agreed.setdefault(attack, []).append(match.agrees)
            found.setdefault(attack, []).append(name in candidates and match.agrees)
    for attack in attacks:
        print(
            f"{attack:22} {ATTACKS[attack].family:8} agrees {share(agreed[attack])} "
            f"found {share(found[attack])}",
            flush=True,
        )
    for title, families in (("promised", PROMISED), ("all of tier core", None)):
        chosen = [a for a in attacks if families is None or ATTACKS[a].family in families]
        both = [
            [each for attack in chosen for each in results[attack]] for results in (agreed, found)
        ]
        print(f"{title}: agrees {share(both[0])}, found among {len(index):,}: {share(both[1])}")
    for what, times in (("compare", compare_ms), ("search", search_ms)):
        print(
            f"{what}: median {np.median(times):.0f} ms, p95 {np.percentile(times, 95):.0f} ms CPU"
        )


def share(results: list[bool]) -> str:
    return f"{sum(results)}/{len(results)} ({np.mean(results):.1%})"


def crowd(count: int) -> Index:
    """An index of other videos: parts of noise pictures, six bits of each code at random."""
    chance = np.random.default_rng(0)
    fields = np.concatenate([noise(chance, 60, slope) for slope in (1.0, 1.5, 2.0)])
    pool = np.concatenate([code.probe(fields[i : i + 20]).codes for i in range(0, 180, 20)])
    codes = chance.choice(pool, (count, 8))
    for _ in range(6):
        codes ^= np.uint64(1) << chance.integers(0, code.BITS, codes.shape).astype(np.uint64)
    index = Index()
    started = time.process_time()
    index.add((f"other-{number}", own) for number, own in enumerate(codes))
    print(
        f"index of {count:,} videos built in {time.process_time() - started:.1f} s CPU", flush=True
    )
    return index


def noise(chance: np.random.Generator, count: int, slope: float) -> Small:
    """Pictures whose amplitudes fall with the frequency to a power, as those of nature do."""
    across, down = np.fft.rfftfreq(SIDE)[None], np.fft.fftfreq(SIDE)[:, None]
    frequency = np.hypot(across, down)
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(chance.normal(size=(count, SIDE, SIDE))) / frequency**slope
    fields = np.fft.irfft2(spectrum, s=(SIDE, SIDE))
    return np.asarray(128 + 50 * fields / fields.std(axis=(1, 2), keepdims=True), np.float32)


def scenes(count: int) -> Iterator[tuple[str, View]]:
    """Other videos of twelve pictures: noise that drifts, drawn scenes, and the study's clips."""
    chance = np.random.default_rng(1)
    for number in range(count):
        still = noise(chance, 1, chance.uniform(1, 2))[0]
        drift = [np.roll(still, (step, 2 * step), (0, 1)) for step in range(12)]
        yield f"noise-{number}", View(np.stack(drift), 720, 480)
    for number in range(count):
        yield f"demo-{number}", examine(drawn(number)).whole
    for name in (*clips.natural(), *clips.clean()):
        yield name, examine(clips.load(name)).whole


def drawn(seed: int) -> Frames:
    return np.stack(
        [
            cv2.resize(frame, (720, 480), interpolation=cv2.INTER_CUBIC)
            for frame in draw.draw(world.sample(seed), range(0, 49, 4))
        ]
    )


def false_matches(count: int) -> None:
    """Print and plot how alike different videos are, and what that bounds."""
    views = list(scenes(count))
    stored = [from_view(view) for _, view in views]
    kinds = {"noise and clips": [], "two drawn demo scenes": []}
    for one, other in permutations(range(len(views)), 2):
        both_drawn = all(views[i][0].startswith("demo-") for i in (one, other))
        kind = "two drawn demo scenes" if both_drawn else "noise and clips"
        kinds[kind].append(compare(Query(views[one][1], None), stored[other]).correlation)
    for kind, found in kinds.items():
        correlations = np.array(found)
        above = int((correlations >= AGREES).sum())
        rate, start, scale = tail(correlations)
        print(
            f"{kind}: {len(correlations):,} pairs, {above} agree, median "
            f"{np.median(correlations):.2f}, largest {correlations.max():.2f}; exponential tail "
            f"above {start:.2f}, mean excess {scale:.3f}: {rate:.1e} a pair",
            flush=True,
        )
    plot(kinds)


def tail(correlations: np.ndarray) -> tuple[float, float, float]:
    """The rate of agreeing pairs that an exponential fit to the largest hundredth leads to, where
    the fit starts, and its mean excess."""
    start = float(np.percentile(correlations, 99))
    excess = correlations[correlations > start] - start
    scale = float(excess.mean()) if excess.size else 0.0
    rate = 0.01 * float(np.exp(-(AGREES - start) / scale)) if scale else 0.0
    return rate, start, scale


def plot(kinds: dict[str, list[float]]) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    for kind, found in kinds.items():
        ordered = np.sort(found)[::-1]
        axes.semilogy(
            ordered,
            np.arange(1, len(ordered) + 1) / len(ordered),
            label=f"{kind} ({len(ordered):,})",
        )
    axes.axvline(AGREES, color="black", linewidth=0.8)
    axes.set_xlabel("correlation of two different videos, median over pictures")
    axes.set_ylabel("share of pairs at or above")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(PLOT, metadata={"Date": None})


if __name__ == "__main__":
    main()
