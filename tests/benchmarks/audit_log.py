"""What the audit log bears: events, drain, a million entries, filtered pages, tampering.

    make bench-log

PostgreSQL where its binaries are installed (as tests find them), with eight writing processes
beside one that sequences; the tampering is done to SQLite, by somebody who may change everything
but has no key.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from multiprocessing import get_context
from statistics import median_high
from typing import Any

import sqlalchemy as sa
from rich.progress import track

from api import events
from api.audit import check, search, sequencer
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.models import AuditEvent, AuditLabel, AuditPersonal
from api.db.session import Database
from api.event_labels import labels_of
from provenance.ledger.leaf import commitment, new_salt
from tests.benchmarks.log_tampering import ENTRIES as TAMPERED
from tests.benchmarks.log_tampering import SIGNER, TAMPERINGS, tamper
from tests.chaos.test_log_under_fire import fire, survey
from tests.postgresql import private_postgresql

WRITERS, WRITE_SECONDS = 8, 30.0
ENTRIES = 1_000_000
KILLS = 100
_CATEGORIES = ("sexual", "minors", "violence", "likeness", "fraud", "hate", "weapons", "privacy")
_BATCH = 2000
BEGIN, SECONDS_APART = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=7)
DOWNLOADER = "key:downloader"
"""Who only downloads, as nobody else does: what many do and what many are need not meet."""


def event(number: int) -> events.PromptModerated:
    """A decision as the service logs them."""
    action = ("allow", "review", "block")[(number % 100 > 90) + (number % 100 > 97)]
    flagged = [] if action == "allow" else [_CATEGORIES[number % len(_CATEGORIES)]]
    return events.PromptModerated(
        action=action,
        flagged=flagged,
        rules=[f"category.{each}" for each in flagged],
        consents=[],
        guards=[],
        policy_version="2026-11.1",
        classifier_version="linear-ngrams-31284d78524b",
    )


def entry_at(number: int) -> tuple[events.Event, str]:
    """An event of a log that is filled, and its actor."""
    if number % 4 == 3:
        return events.VideoDownloaded(variant="video"), DOWNLOADER
    return event(number), f"key:{number % 97:016x}"


def write(database: Database, numbers: range) -> None:
    """Events of several actors, in one transaction."""
    with database.transaction() as session:
        for number in numbers:
            events.append(
                session,
                event(number),
                tenant="default" if number % 10 else "other",
                actor=f"key:{number % 97:016x}",
                subject=f"video_{number:032x}",
                personal={"prompt": f"a red ball rolls to the right, number {number}"},
            )


def write_for_a_while(url: str) -> float:
    """Events a second that one process commits one by one."""
    database = Database(url)
    write(database, range(1))  # connects and compiles
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < WRITE_SECONDS:
        write(database, range(count, count + 1))
        count += 1
    database.close()
    return count / WRITE_SECONDS


def sustained(database: Database) -> float:
    """Events a second that eight processes commit one by one while a ninth sequences."""
    sequencing = sequencer.keeper(partial(sequence_all, database, SIGNER))
    sequencing.start()
    with ProcessPoolExecutor(WRITERS, get_context("spawn")) as writers:
        rates = list(writers.map(write_for_a_while, [database.url] * WRITERS))
    sequencing.stop()
    sequence_all(database, SIGNER)
    return sum(rates)


def fill(database: Database, count: int) -> None:
    """Events up to that many, as fast as rows go in."""
    with database.transaction() as session:
        there = session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) or 0
    for start in track(range(there, count, _BATCH), "writing"):
        rows, personal, labels = [], [], []
        with database.transaction() as session:
            first = (session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0) + 1
            for number in range(start, min(start + _BATCH, count)):
                made, actor = entry_at(number)
                content = {"actor": actor, "prompt": f"a red ball, number {number}"}
                salt, data = new_salt(), events.data_of(made)
                event_id = first + number - start
                rows.append(
                    {
                        "id": event_id,
                        "occurred_at": BEGIN + SECONDS_APART * number,
                        "type": made.type,
                        "version": made.version,
                        "tenant": "default" if number % 11 else "other",
                        "subject": f"video_{number:032x}",
                        "data": data,
                        "commitment": commitment(salt, dict(content)),
                    }
                )
                personal.append({"event_id": event_id, "salt": salt, "content": content})
                labels += [
                    {
                        "event_id": event_id,
                        "label": each,
                        "tenant": rows[-1]["tenant"],
                        "type": made.type,
                    }
                    for each in labels_of(data, actor)
                ]
            session.execute(sa.insert(AuditEvent), rows)
            session.execute(sa.insert(AuditPersonal), personal)
            session.execute(sa.insert(AuditLabel), labels)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def verify(database: Database) -> check.LogReport:
    """A check of everything."""
    with database.transaction() as session:
        return check.check(session, SIGNER.verifier_key, lambda _done, _all: None)


def filters(entries: int) -> Iterator[tuple[str, search.Filter]]:
    """Every combination of conditions that many events meet, few, or none, in a log that was
    filled; by their names."""
    since, until = (BEGIN + SECONDS_APART * (entries * each // 9) for each in (4, 5))
    alternatives: list[dict[str, dict[str, Any]]] = [
        {
            "": {},
            "type": {"type": "prompt.moderated"},
            "other type": {"type": "video.downloaded"},
            "absent type": {"type": "video.deleted"},
        },
        {"": {}, "actor": {"actor": DOWNLOADER}, "rare actor": {"actor": f"key:{13:016x}"}},
        {"": {}, "action": {"action": "allow"}, "rare action": {"action": "block"}},
        {"": {}, "category": {"category": "fraud"}},
        {"": {}, "subject": {"subject": f"video_{entries // 2:032x}"}},
        {
            "": {},
            "since": {"since": since},
            "until": {"until": until},
            "in the middle": {"since": since, "until": until},
            "half-way": {"after": max(1, entries // 2)},
        },
    ]
    for chosen in product(*(each.items() for each in alternatives)):
        name = ", ".join(name for name, _ in chosen if name)
        conditions = {key: value for _, each in chosen for key, value in each.items()}
        yield name or "nothing", search.Filter(**conditions)


def pages(database: Database, entries: int) -> list[tuple[float, str]]:
    """Milliseconds of the slower of two pages of each filter, and its name; the slowest first."""
    slowest = []
    for name, wanted in track([*filters(entries)], "pages"):
        for tenant in ("default", "other"):
            seconds = []
            for _ in range(2):
                with database.transaction() as session:
                    seconds.append(timed(partial(search.page, session, wanted, tenant=tenant)))
            slowest.append((1000 * max(seconds), f"{name} ({tenant})"))
    return sorted(slowest, reverse=True)


def main() -> None:
    """Print a line for each figure as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--tamperings", type=int, default=TAMPERINGS)
    options = parser.parse_args()
    with private_postgresql(durable=True) as url, closing_database(url) as database:
        survey(database, fire(database, options.kills))
        tell("killed and nothing lost (PostgreSQL), times", f"{options.kills}")
        tell(f"events/s, {WRITERS} writers", f"{sustained(database):,.0f}")
    with private_postgresql(durable=True) as url, closing_database(url) as database:
        fill(database, options.entries)
        waiting = options.entries - verify(database).size
        drained = timed(lambda: sequence_all(database, SIGNER))
        tell("drained, events/s", f"{waiting / drained:,.0f}")
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        seconds = timed(lambda: verify(database))
        tell(f"{options.entries:,} entries verified, s", f"{seconds:.1f}")
        slowest = pages(database, options.entries)
        tell(
            f"page by any of {len(slowest):,} filters, median, ms", f"{median_high(slowest)[0]:.1f}"
        )
        for milliseconds, name in slowest[:5]:
            tell(f"page by {name}, ms", f"{milliseconds:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        with closing_database(f"sqlite:///{folder}/killed.sqlite") as database:
            survey(database, fire(database, options.kills))
            tell("killed and nothing lost (SQLite), times", f"{options.kills}")
        with closing_database(f"sqlite:///{folder}/tampered.sqlite") as database:
            found, located = tamper(database, write, TAMPERED, options.tamperings)
    tell(f"of {options.tamperings:,} tamperings found, located", f"{found:,}, {located:,}")


def tell(what: str, figure: str) -> None:
    """Print one line."""
    print(f"{what:<60}{figure:>20}", flush=True)


@contextmanager
def closing_database(url: str) -> Iterator[Database]:
    """Migrated."""
    database = Database(url)
    schema.upgrade(database)
    yield database
    database.close()


if __name__ == "__main__":
    main()
