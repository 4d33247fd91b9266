"""The watermark's study. Run from the repository: python -m tests.benchmarks.watermark --help"""

import argparse

from . import (
    collusion,
    false_positives,
    quality,
    report,
    robustness,
    robustness_tables,
    smallest,
    speed,
    tail,
)
from .options import Options
from .pool import run
from .results import Results, Row, Task, freeze

HELP = """\
Measures the watermark beside its peers and writes docs/watermark/study.md with its figures.

Results are kept in .bench/watermark/: a run that was stopped goes on where it was, and after a
change of provenance/watermark our mark is measured anew while the peers' figures stay. Natural
clips come from the folder that SIGNET_STUDY_CLIPS names; see clips.py for what stands in.

  python -m tests.benchmarks.watermark               everything, about an hour on two cores
  python -m tests.benchmarks.watermark --quick       a sample of everything, some minutes
  python -m tests.benchmarks.watermark --only robustness --peers none \\
      --clips 'cogvx_ship,wan*' --attacks 'h264_*,crop_*'
                                                     a part, with a table on the terminal
"""
SECTIONS = {
    "quality": (quality,),
    "robustness": (robustness,),
    "false-positives": (tail, false_positives),
    "collusion": (collusion,),
    "smallest": (smallest,),
}


def main() -> int:
    """Measure what is asked for and write the report."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.watermark",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", choices=(*SECTIONS, "speed"), help="measure one section, write no report")
    add("--clips", default="*", metavar="PATTERNS", help="marked clips, such as 'cog*,bunny'")
    add("--attacks", default="*", metavar="PATTERNS", help="of robustness, such as 'h264_*,rot_?'")
    add(
        "--peers",
        default="fast",
        choices=("none", "fast", "full"),
        help="stock methods: fast (default) limits rivaGan, seconds a frame, to two clips",
    )
    add("--quick", action="store_true", help="a sample of everything")
    add("--jobs", type=int, default=2, metavar="N", help="processes at a time (default: 2)")
    add("--report-only", action="store_true", help="measure nothing, write the report anew")
    arguments = parser.parse_args()
    options = Options(arguments.clips, arguments.attacks, arguments.peers, arguments.quick)

    freeze()
    results, failures = Results(), 0
    if not arguments.report_only:
        for name, modules in SECTIONS.items():
            if arguments.only in (None, name):
                plan = [task for module in modules for task in module.tasks(options)]
                failures += run(name, plan, results, jobs=arguments.jobs)
        if arguments.only in (None, "speed"):
            failures += run("speed", speed.tasks(options), results, jobs=1, alone=True)
            blind = speed.blind_tasks(options)
            failures += run("speed, two cores", blind, results, jobs=1, threads=2)
    if arguments.only == "robustness":
        robustness_tables.show(_rows(robustness.tasks(options), results))
    if arguments.only is None:
        print(report.write(results, options))
    return min(failures, 1)


def _rows(plan: list[Task], results: Results) -> list[Row]:
    wanted = {task.case for task in plan}
    return [row for row in results.rows(robustness.SECTION) if row["case"] in wanted]


if __name__ == "__main__":
    raise SystemExit(main())
