"""How often the verdict is right: `python -m tests.benchmarks.verdict_cases --cases 500`.

Makes files of every kind in `verdict_files` by turns (copies of twenty released videos, forgeries,
files of others, clean clips), asks `Service.verify` about each, and prints a table: cases, right
ones and verdicts by kind. Two counts must be 0: `authentic` for a file whose pictures or manifest
changed, and a verdict that names us for a file that has nothing of ours. Exits with 1 if one is
not, or if fewer than 99 % are right. Case N of a seed is the same file up to keys and ids, however
many there are; `--first N` begins there, so a long run may be made in parts.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from api import logs
from api.service import migrate, open_service
from api.settings import Settings
from provenance.verdict import Verdict
from tests.benchmarks import verdict_files as files
from tests.benchmarks.verdict_files import Case, Studio

KINDS: tuple[Callable[[Studio], Case], ...] = (
    files.released,
    files.chain,
    files.clean_natural,
    files.chain_under_a_cover,
    files.spliced,
    files.pasted_mark,
    files.padded,
    files.encoded_hard,
    files.clean_drawn,
    files.container,
    files.two_of_ours,
    files.manifest_on_foreign,
    files.one_byte_of_the_manifest,
    files.own_manifest_on_a_copy,
    files.others_credential,
    files.own_manifest_mark_gone,
    files.swapped_manifest,
    files.manifest_on_foreign_scene,
    files.one_pixel,
    files.one_byte_of_the_stream,
    files.others_broken_credential,
    files.own_manifest_mark_gone_covered,
    files.signed_anew,
    files.pasted_mark_and_manifest,
    files.released_then_deleted,
)
NAMES_US: frozenset[Verdict] = frozenset(
    ("authentic", "altered", "partial", "transplanted", "conflicting")
)
LEAST_RIGHT = 0.99


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--keep", type=Path, help="folder for the files that were judged wrongly")
    options = parser.parse_args()
    logs.configure(json_lines=False, level=logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", worker_id="benchmark")
        migrate(settings)
        with open_service(settings) as service:
            studio = Studio(service, Path(folder))
            numbers = range(options.first, options.first + options.cases)
            tally = _judge(studio, numbers, options.seed, options.keep)
    if options.json:
        print(json.dumps(tally.summary()))
    else:
        tally.print()
    return 0 if tally.passed else 1


class Tally:
    """What was answered, and what of it was right."""

    def __init__(self) -> None:
        self.answers: dict[str, Counter[str]] = defaultdict(Counter)
        self.right: Counter[str] = Counter()
        self.false_authentic = self.false_ours = self.alike = 0
        self.cpu_seconds = 0.0

    def add(self, kind: str, case: Case, verdict: Verdict, video_id: str | None) -> bool:
        """Whether the answer was right."""
        correct = verdict in case.right
        self.answers[kind][verdict] += 1
        self.right[kind] += correct
        self.false_authentic += verdict == "authentic" and not case.released
        self.false_ours += verdict in NAMES_US and not case.ours
        self.alike += video_id is not None and not case.ours
        return correct

    @property
    def cases(self) -> int:
        return sum(answers.total() for answers in self.answers.values())

    @property
    def passed(self) -> bool:
        enough = self.right.total() >= LEAST_RIGHT * self.cases
        return enough and self.false_authentic == self.false_ours == 0

    def summary(self) -> dict[str, object]:
        return {
            "cases": self.cases,
            "right": self.right.total(),
            "authentic_for_a_changed_file": self.false_authentic,
            "verdict_naming_us_for_a_clean_file": self.false_ours,
            "clean_file_said_to_look_like_ours": self.alike,
            "cpu_seconds_a_case": round(self.cpu_seconds / max(self.cases, 1), 2),
            "kinds": {
                kind: {"right": self.right[kind], "answers": dict(answers)}
                for kind, answers in self.answers.items()
            },
        }

    def print(self) -> None:
        table = Table("kind", "cases", "right", "verdicts")
        for kind, answers in self.answers.items():
            said = ", ".join(f"{count} {verdict}" for verdict, count in answers.most_common())
            wrong = answers.total() - self.right[kind]
            style = "red" if wrong else None
            count, right = str(answers.total()), str(self.right[kind])
            table.add_row(kind.replace("_", " "), count, right, said, style=style)
        Console(width=110).print(table)
        for name, value in self.summary().items():
            if name != "kinds":
                print(f"{name.replace('_', ' ')}: {value}")


def _judge(studio: Studio, numbers: range, seed: int, keep: Path | None) -> Tally:
    tally, began = Tally(), _cpu_seconds()
    errors = Console(stderr=True)
    for number in track(numbers, "cases", console=errors):
        make = KINDS[number % len(KINDS)]
        studio.chance = np.random.default_rng([seed, number])
        case = make(studio)
        report = studio.service.verify(case.path)
        if not tally.add(make.__name__, case, report.verdict, report.video_id):
            right = " or ".join(sorted(case.right))
            looks = [(seen.looks, seen.score) for seen in report.fingerprints]
            errors.print(f"case {number}, {make.__name__}: {report.verdict}, not {right}; {looks}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{number}{case.path.suffix}").write_bytes(case.path.read_bytes())
    tally.cpu_seconds = _cpu_seconds() - began
    return tally


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main())
