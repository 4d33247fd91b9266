"""Writers and sequencers that are killed: no event is lost, doubled or moved, and nothing forks."""

import random
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from api.audit import check
from api.audit.sequencer import sequence_all
from api.db.models import AuditEvent, AuditLeaf
from api.db.session import Database
from tests.chaos.killable_log import SIGNER

KILLS = 6
"""The benchmark does a hundred (`make bench-log`)."""


def fire(database: Database, kills: int) -> dict[str, int]:
    """Kill one of two processes again and again, each after some of its events; returns how many
    events each writer committed at least."""
    chance = random.Random(kills)
    committed: dict[str, int] = defaultdict(int)
    script = Path(__file__).with_name("killable_log.py")

    def start(name: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(script), database.url, name]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def read(process: subprocess.Popen[str], lines: int | None) -> None:
        assert process.stdout is not None
        for count, line in enumerate(process.stdout, start=1):
            writer, _, number = line.partition(" ")
            if number.endswith("\n"):  # the last line may be cut
                committed[writer] = int(number) + 1
            if count == lines:
                return

    with ExitStack() as stack:
        running = [stack.enter_context(start("first")), stack.enter_context(start("second"))]
        stack.callback(lambda: [process.kill() for process in running])
        for kill in range(kills):
            victim = running.pop(0)
            running.append(stack.enter_context(start(f"after{kill}")))
            read(victim, chance.randrange(1, 30))
            victim.kill()
            read(victim, None)
            assert victim.wait() == -9
        for process in running:
            process.kill()
            read(process, None)
    return committed


def survey(database: Database, committed: dict[str, int]) -> None:
    """Assert that the log holds all that was committed, once, in the writers' order."""
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        report = check.check(session, SIGNER.verifier_key, lambda _done, _all: None)
        rows = session.execute(
            sa.select(AuditEvent.subject, AuditEvent.data)
            .join(AuditLeaf, AuditLeaf.event_id == AuditEvent.id)
            .order_by(AuditLeaf.index)
        ).all()
    assert report.findings == ()
    assert (report.size, report.waiting) == (len(rows), 0)
    logged: dict[str, list[int]] = defaultdict(list)
    for writer, data in rows:
        logged[writer].append(int(data["code"]))
    for writer, numbers in logged.items():
        assert numbers == list(range(len(numbers)))
        assert len(numbers) in (
            committed[writer],
            committed[writer] + 1,
        )  # killed before it said so
    assert set(committed) <= set(logged)


def test_a_log_whose_writers_and_sequencers_are_killed(database: Database) -> None:
    survey(database, fire(database, KILLS))
