"""Robustness on the terminal, for quick comparisons while tuning, and in the report."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from . import drawn, peers
from .attacks import ATTACKS
from .markdown import percent, table
from .marks import OURS
from .results import Row
from .robustness import EVERY_FRAME

TIERS = ("core", "hard", "extreme", "chain")


def show(rows: list[Row]) -> None:
    """Our rows on the terminal: the answer (✓ id, p presence, - none), log10 of the bound on
    false positives, seconds of one core; then shares by tier."""
    ours = [row for row in rows if row["method"] == OURS]
    names = [*ATTACKS, EVERY_FRAME]
    ours.sort(key=lambda row: names.index(row["attack"]))
    columns = sorted({row["clip"] for row in ours}, key=lambda clip: (clip in drawn.DRAWN, clip))
    cells = {(row["attack"], row["clip"]): _terminal_cell(row) for row in ours}
    grid = Table("attack", "tier", *columns, box=None, pad_edge=False)
    for name in dict.fromkeys(row["attack"] for row in ours):
        grid.add_row(name, _tier(name), *(cells.get((name, clip), "") for clip in columns))
    console = Console(width=max(120, 40 + 16 * len(columns)))
    console.print(grid)
    for tier in TIERS:
        own = [row for row in ours if _tier(row["attack"]) == tier]
        if own:
            console.print(f"{tier:8}{len(own):5} cases  {_shares(own)}")


def _terminal_cell(row: Row) -> str:
    if row["attack"] == EVERY_FRAME:
        return f"{row['exact']:.0%}"
    answer = "✓" if row["exact"] else "p" if row["present"] else "-"
    answer = "WRONG" if row["wrong"] else answer
    return f"{answer} {row['log10_false_positive']:.0f} {row['seconds']:.1f}s"


def _shares(rows: list[Row]) -> str:
    exact, present, wrong, seconds = (
        sum(row[name] for row in rows) / len(rows)
        for name in ("exact", "present", "wrong", "seconds")
    )
    return f"exact {exact:6.1%}  present {present:6.1%}  wrong {wrong:.1%}  mean {seconds:.2f} s"


def _tier(attack: str) -> str:
    return ATTACKS[attack].tier if attack in ATTACKS else ""


def exact(row: Row) -> bool:
    """Whether the whole message came back."""
    return row["bits"] == 1.0 if "bits" in row else bool(row["exact"])


def summary(rows: list[Row]) -> str:
    """Shares by tier, beside the peers, and every attack."""
    cases = [row for row in rows if row["attack"] in ATTACKS]
    return "\n\n".join(
        [
            "Exact: the message came back whole. Present: a mark is reported, at a bound on false "
            "positives of 1e-9. Natural clips:",
            _by_tier([row for row in cases if row["clip"] not in drawn.DRAWN]),
            "Drawn clips (cartoon, sky, night, page of text), our mark:",
            _by_tier([row for row in cases if row["clip"] in drawn.DRAWN]),
            "The same cases for all, on as many as each peer was run on (natural clips, shared "
            "attacks and chains; rivaGan on the core attacks of two clips unless all was asked "
            "for). Peers carry 32 bits without a check, ours 64 with one:",
            _side_by_side(cases),
            "![share of exact messages by family of attacks](robustness.svg)",
            "![log10 of the bound against crf](score-by-crf.svg)",
            f"Single frames at crf 28, all 49 of each clip: {_single_frames(rows)}.",
            "Every attack; clips with an exact message of those tried:",
            _by_attack(cases),
        ]
    )


def _by_tier(rows: list[Row]) -> str:
    lines = []
    for tier in TIERS:
        own = [row for row in rows if row["method"] == OURS and _tier(row["attack"]) == tier]
        counts = [sum(row[name] for row in own) for name in ("exact", "present", "wrong")]
        if own:
            shares = (percent(counts[0], len(own)), percent(counts[1], len(own)))
            lines.append((tier, len(own), *shares, counts[2]))
    return table(("tier", "cases", "exact", "present", "wrong ids"), lines)


def _side_by_side(rows: list[Row]) -> str:
    ours = {(row["clip"], row["attack"]): row for row in rows if row["method"] == OURS}
    lines = []
    for method in peers.METHODS:
        for tier in TIERS:
            theirs = [
                row
                for row in rows
                if row["method"] == method
                and _tier(row["attack"]) == tier
                and (row["clip"], row["attack"]) in ours
            ]
            if theirs:
                same = [ours[row["clip"], row["attack"]] for row in theirs]
                bits = sum(row["bits"] for row in theirs) / len(theirs)
                shares = (_exact_share(theirs), f"{bits:.1%}", _exact_share(same))
                lines.append((method, tier, len(theirs), *shares))
    return table(("peer", "tier", "cases", "peer exact", "peer's bits", "ours exact"), lines)


def _exact_share(rows: list[Row]) -> str:
    return percent(sum(exact(row) for row in rows), len(rows))


def _single_frames(rows: list[Row]) -> str:
    own = [row for row in rows if row["attack"] == EVERY_FRAME]
    shares = [f"{row['clip']} {row['exact']:.0%}" for row in own]
    return ", ".join(shares) + " exact" if own else "not measured"


def _by_attack(rows: list[Row]) -> str:
    lines = []
    for attack in ATTACKS.values():
        own = [row for row in rows if row["attack"] == attack.name]
        ours = [row for row in own if row["method"] == OURS]
        if not ours:
            continue
        weakest = max(row["log10_false_positive"] for row in ours)
        natural = [row for row in ours if row["clip"] not in drawn.DRAWN]
        artificial = [row for row in ours if row["clip"] in drawn.DRAWN]
        others = [[row for row in own if row["method"] == method] for method in peers.METHODS]
        lines.append(
            (f"`{attack.name}`", attack.tier, _count(natural), _count(artificial), f"{weakest:.0f}",
             *(_count(each) for each in others))
        )  # fmt: skip
    header = ("attack", "tier", "ours, natural", "ours, drawn", "weakest log10 bound")
    return table((*header, *peers.METHODS), lines)


def _count(rows: Iterable[Row]) -> str:
    found = [exact(row) for row in rows]
    return f"{sum(found)}/{len(found)}" if found else "–"
