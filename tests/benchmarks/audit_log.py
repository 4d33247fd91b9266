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
from multiprocessing import get_context

import sqlalchemy as sa
from rich.progress import track

from api import events
from api.audit import check, search, sequencer
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.models import AuditEvent, AuditLabel, AuditPersonal
from api.db.session import Database
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
    begin = datetime.now(UTC) - timedelta(days=90)
    for start in track(range(there, count, _BATCH), "writing"):
        rows, personal, labels = [], [], []
        with database.transaction() as session:
            first = (session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0) + 1
            for number in range(start, min(start + _BATCH, count)):
                made, actor = event(number), f"key:{number % 97:016x}"
                content = {"actor": actor, "prompt": f"a red ball, number {number}"}
                salt, data = new_salt(), events.data_of(made)
                event_id = first + number - start
                rows.append(
                    {
                        "id": event_id,
                        "occurred_at": begin + timedelta(seconds=7 * number),
                        "type": made.type,
                        "version": made.version,
                        "tenant": "default" if number % 10 else "other",
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
                    for each in events.labels(data, actor)
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


def pages(database: Database) -> Iterator[tuple[str, float]]:
    """Filters, and milliseconds of the slowest of five pages of each."""
    middle = datetime.now(UTC) - timedelta(days=45)
    filters = {
        "nothing": search.Filter(),
        "type": search.Filter(type="prompt.moderated"),
        "type that is not there": search.Filter(type="video.deleted"),
        "actor": search.Filter(actor=f"key:{13:016x}"),
        "action": search.Filter(action="block"),
        "category": search.Filter(category="fraud"),
        "action and category": search.Filter(action="block", category="likeness"),
        "actor and action": search.Filter(actor=f"key:{13:016x}", action="block"),
        "subject": search.Filter(subject=f"video_{400_000:032x}"),
        "an hour in the middle": search.Filter(since=middle, until=middle + timedelta(hours=1)),
        "action since the middle": search.Filter(action="block", since=middle),
        "category before the middle": search.Filter(category="hate", until=middle),
        "most before the middle": search.Filter(action="allow", until=middle),
        "half-way, any": search.Filter(after=500_000),
        "half-way, actor": search.Filter(actor=f"key:{5:016x}", after=500_000),
    }
    for name, wanted in filters.items():
        for tenant in ("default", "other"):
            seconds = []
            for _ in range(5):
                with database.transaction() as session:
                    seconds.append(timed(partial(search.page, session, wanted, tenant=tenant)))
            yield f"{name} ({tenant})", 1000 * max(seconds)


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
        for name, milliseconds in pages(database):
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
