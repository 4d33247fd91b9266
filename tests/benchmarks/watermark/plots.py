"""The report's figures, as SVG."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from . import drawn, peers, tail
from .attacks import ATTACKS
from .marks import OURS
from .results import Row
from .robustness_tables import exact

mpl.rcParams["svg.hashsalt"] = "study"  # the same file for the same figures
COLOURS = ("#1b6ca8", "#c9c9c9", "#9a9a9a", "#6b6b6b")
CRFS = (18, 23, 28, 33, 40)


def _figure(width: float, height: float) -> Figure:
    """A figure of a size in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def robustness(rows: list[Row], path: Path) -> None:
    """Bars: share of exact messages by family of attacks and method, natural clips."""
    cases = [r for r in rows if r["attack"] in ATTACKS and r["clip"] not in drawn.DRAWN]
    families = list(dict.fromkeys(attack.family for attack in ATTACKS.values()))
    figure = _figure(10, 3.6)
    axes = figure.subplots()
    methods = (OURS, *peers.METHODS)
    for position, (method, colour) in enumerate(zip(methods, COLOURS, strict=True)):
        own, shares = [row for row in cases if row["method"] == method], []
        for family in families:
            found = [exact(row) for row in own if ATTACKS[row["attack"]].family == family]
            shares.append(100 * np.mean(found) if found else np.nan)
        places = np.arange(len(families)) + (position - 1.5) * 0.2
        axes.bar(places, shares, 0.2, label=f"{method} ({len(own)} cases)", color=colour)
    axes.set_xticks(range(len(families)), families)
    axes.set_ylabel("exact messages, %")
    axes.set_ylim(0, 100)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    _save(figure, path)


def score_by_crf(rows: list[Row], path: Path) -> None:
    """Lines: log10 of the bound on false positives against H.264 crf, a line for each clip."""
    bounds = {(r["clip"], r["attack"]): r for r in rows if r["method"] == OURS}
    figure = _figure(7, 3.6)
    axes = figure.subplots()
    for clip in dict.fromkeys(clip for clip, _ in bounds):
        found = [(crf, bounds.get((clip, f"h264_{crf}"))) for crf in CRFS]
        points = [(crf, row["log10_false_positive"]) for crf, row in found if row is not None]
        if points:
            style = "--" if clip in drawn.DRAWN else "-"
            axes.plot(*zip(*points, strict=True), style, marker="o", markersize=3, label=clip)
    axes.axhline(-9, color="black", linewidth=0.8)
    axes.annotate("needed: 1e-9", (CRFS[0], -9), xytext=(0, 4), textcoords="offset points")
    axes.set_xlabel("H.264 crf")
    axes.set_ylabel("log10 of the bound")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False)
    _save(figure, path)


def false_positive_tail(rows: list[Row], path: Path) -> None:
    """Share of wrong keys at or above a score, the normal distribution, and the bound."""
    shares, total = tail.empirical(rows)
    figure = _figure(6, 3.6)
    axes = figure.subplots()
    scores = tail.THRESHOLDS
    axes.semilogy(scores, [tail.bound(t) for t in scores], color="black", label="bound exp(-t²/2)")
    axes.semilogy(scores, [tail.gauss(t) for t in scores], "--", color="grey", label="normal")
    seen = shares > 0
    axes.semilogy(scores[seen], shares[seen], "o", color=COLOURS[0], label=f"{total:,} wrong keys")
    axes.set_xlabel("score t, standard deviations of chance")
    axes.set_ylabel("P(score ≥ t)")
    axes.set_ylim(0.3 / total, 2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    _save(figure, path)
