"""Tampers with a log at random, one thing at a time, and counts what a check finds and locates.

    python -m tests.benchmarks.log_tampering

Every table of the log and every column is changed, rows are removed, inserted and exchanged, by
somebody who may do anything to the database (SQLite, without triggers and constraints) but has no
key. Only a removed cosignature is left out: nothing tells that there was one.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.progress import track
from sqlalchemy.exc import DBAPIError

from api.audit import check
from api.audit.finding import Finding
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.models import AuditCheckpoint, AuditCosignature, Base
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign
from provenance.ledger.note import NoteSigner
from provenance.ledger.tiles import TILE_WIDTH

SIGNER = NoteSigner("signet.test/log", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
ENTRIES, TAMPERINGS = 10_000, 1000
_HEADS = 5
_TABLES = [table for name, table in Base.metadata.tables.items() if name.startswith("audit_")]
_ANYWHERE = [
    "NULL",
    "''",
    "'elsewhere'",
    "0",
    "-1",
    "1.5",
    "9e999",
    "9223372036854775807",
    "zeroblob(32)",
    "CAST(x'ff' AS TEXT)",
]
_PLAUSIBLE = {
    "audit_event.occurred_at": ["'2020-01-01 00:00:00.000000'", "'infinity'"],
    "audit_event.version": ["version + 1"],
    "audit_event.data": [
        "json_set(data, '$.policy_version', '2026-11.0')",
        "json_set(data, '$.categories.fraud', 0.1234567)",
        "'{}'",
    ],
    "audit_personal.content": ["replace(content, 'red', 'blue')"],
    "audit_label.label": ["'action:allow'", "'actor:key:0000000000000000'"],
    "audit_tile.hashes": ["CAST(hashes || zeroblob(32) AS BLOB)", "substr(hashes, 33)"],
    "audit_checkpoint.created_at": ["'2020-01-01 00:00:00.000000'"],
}

Write = Callable[[Database, range], None]


@dataclass(frozen=True)
class Tampering:
    """What is done, in SQL and its values, and whether a finding is about it."""

    name: str
    statements: list[tuple[str, tuple[object, ...]]]
    locates: Callable[[Finding], bool]


def main() -> None:
    """Print what was found, and name what was not."""
    from tests.benchmarks.audit_log import write

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--tamperings", type=int, default=TAMPERINGS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/log.sqlite")
        found, located = tamper(database, write, options.entries, options.tamperings)
        database.close()
    print(f"of {options.tamperings:,} tamperings found, located: {found:,}, {located:,}")


def tamper(database: Database, write: Write, entries: int, count: int) -> tuple[int, int]:
    """How many tamperings a check found, and how many it located, on an empty database that is
    migrated here. write: adds events of these numbers."""
    schema.upgrade(database)
    for start in range(0, entries, entries // _HEADS):
        write(database, range(start, min(start + entries // _HEADS, entries)))
        sequence_all(database, SIGNER)
    _cosign(database)
    found = located = 0
    with _anything_goes(database) as connection:
        assert not _findings(database, connection)
        for one in track(_tamperings(connection, entries, count), "tampering", total=count):
            findings = _findings(database, connection)
            connection.rollback()
            found += bool(findings)
            located += any(map(one.locates, findings))
            if not any(map(one.locates, findings)):
                print(one.name, one.statements, [each.message for each in findings][:3])
    return found, located


def _cosign(database: Database) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"3" * 32)
    key = WitnessKey("witness.test", witness.public_key().public_bytes_raw())
    with database.transaction() as session:
        for head in session.scalars(sa.select(AuditCheckpoint)).all():
            text = Checkpoint.parse_signed(head.note).text
            line = f"{cosign(text, key.name, witness, 1)}\n".encode()
            session.add(AuditCosignature(size=head.size, witness=str(key), line=line))


@contextmanager
def _anything_goes(database: Database) -> Iterator[sa.Connection]:
    with database.engine.connect() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in triggers.all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        yield connection


def _findings(database: Database, connection: sa.Connection) -> tuple[Finding, ...]:
    with sa.orm.Session(connection) as session:
        return check.check(session, SIGNER.verifier_key, lambda _done, _all: None).findings


def _tamperings(connection: sa.Connection, entries: int, count: int) -> Iterator[Tampering]:
    """Each is done, uncommitted, when it is yielded."""
    chance = random.Random(1)
    done = 0
    while done < count:
        table = chance.choice(_TABLES)
        kind = chance.choice([_changed, _changed, _removed, _inserted, _exchanged])
        one = kind(chance, connection, table, entries)
        if one and _does_something(connection, one):
            done += 1
            yield one
        else:
            connection.rollback()


def _does_something(connection: sa.Connection, one: Tampering) -> bool:
    total = "SELECT total_changes()"
    before = connection.exec_driver_sql(total).scalar_one()
    try:
        for statement, values in one.statements:
            connection.exec_driver_sql(statement, values)
    except DBAPIError:  # not even SQLite takes it
        return False
    return connection.exec_driver_sql(total).scalar_one() > before


def _changed(
    chance: random.Random, connection: sa.Connection, table: sa.Table, entries: int
) -> Tampering | None:
    row, other = _row(chance, connection, table), _row(chance, connection, table)
    if row is None or other is None:
        return None
    values: tuple[object, ...]
    column = chance.choice(list(table.columns)).name
    name = f"{table.name}.{column}"
    kind = chance.choice(["another's", "plausible", "anything"])
    if kind == "another's" or (kind == "plausible" and name not in _PLAUSIBLE):
        value, values = "?", (other[column],)
    else:
        value = chance.choice(_PLAUSIBLE[name] if kind == "plausible" else _ANYWHERE)
        values = ()
    statement = (
        f'UPDATE {table.name} SET "{column}" = {value} '
        f'WHERE rowid = ? AND "{column}" IS NOT {value}'
    )
    return Tampering(name, [(statement, (*values, row["rowid"], *values))], _about(table, row))


def _removed(
    chance: random.Random, connection: sa.Connection, table: sa.Table, _entries: int
) -> Tampering | None:
    row = _row(chance, connection, table)
    if row is None or table.name == "audit_cosignature":
        return None
    statements = [(f"DELETE FROM {table.name} WHERE rowid = ?", (row["rowid"],))]
    if table.name == "audit_personal":
        label = "DELETE FROM audit_label WHERE event_id = ? AND label LIKE 'actor:%'"
        statements.append((label, (row["event_id"],)))
    return Tampering(f"removed from {table.name}", statements, _about(table, row))


def _inserted(
    chance: random.Random, connection: sa.Connection, table: sa.Table, entries: int
) -> Tampering | None:
    """A copy of a row under another key, or a row of the queue."""
    row = _row(chance, connection, table)
    new = entries + chance.randrange(1, 1000)
    if table.name == "audit_pending":
        placed = chance.randrange(1, entries + 1)
        statement = "INSERT INTO audit_pending VALUES (?)"
        return Tampering("queued", [(statement, (placed,))], lambda each: each.event_id == placed)
    assert row is not None
    copy = {column.name: row[column.name] for column in table.columns}
    key = chance.choice([column.name for column in table.primary_key])
    if isinstance(copy[key], int):
        copy[key] = chance.choice([-new, new])
    else:
        copy[key] = f"{copy[key]}x"
    if table.name == "audit_leaf":
        copy["event_id"] = new
    return Tampering(
        f"inserted into {table.name}", [_insert(table, copy)], _about(table, {**row, **copy})
    )


def _exchanged(
    chance: random.Random, connection: sa.Connection, table: sa.Table, _entries: int
) -> Tampering | None:
    """Two rows with each other's keys."""
    one, other = _row(chance, connection, table), _row(chance, connection, table)
    keys = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in keys]
    if (
        one is None
        or other is None
        or [one[each] for each in rest] == [other[each] for each in rest]
    ):
        return None
    statements: list[tuple[str, tuple[object, ...]]] = [
        (f"DELETE FROM {table.name} WHERE rowid IN (?, ?)", (one["rowid"], other["rowid"])),
        _insert(table, {each: (other if each in rest else one)[each] for each in (*keys, *rest)}),
        _insert(table, {each: (one if each in rest else other)[each] for each in (*keys, *rest)}),
    ]
    return Tampering(f"exchanged in {table.name}", statements, _about(table, one))


def _insert(table: sa.Table, row: dict[str, object]) -> tuple[str, tuple[object, ...]]:
    columns = ", ".join(f'"{each}"' for each in row)
    marks = ", ".join("?" for _ in row)
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", tuple(row.values())


def _row(
    chance: random.Random, connection: sa.Connection, table: sa.Table
) -> dict[str, object] | None:
    """A row as SQLite holds it; None of an empty table."""
    count = connection.exec_driver_sql(f"SELECT count(*) FROM {table.name}").scalar_one()
    if not count:
        return None
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    query = f"SELECT rowid, {columns} FROM {table.name} ORDER BY rowid LIMIT 1 OFFSET ?"
    found = connection.exec_driver_sql(query, (chance.randrange(count),))
    return dict(zip(["rowid", *names], found.one(), strict=True))


def _about(table: sa.Table, row: dict[str, object]) -> Callable[[Finding], bool]:
    """Whether a finding names this row; entries have their events' ids less one."""
    if table.name == "audit_tile":
        first = int(str(row["index"])) * TILE_WIDTH
        name = f"tile {row['index']} of level {row['level']} "
        return lambda each: (
            each.message.startswith(name)
            or (row["level"] == 0 and each.entry in range(first, first + TILE_WIDTH))
        )
    if table.name == "audit_cosignature":
        return lambda each: each.message.startswith("a cosignature ")
    if table.name == "audit_checkpoint":
        size = int(str(row["size"]))
        return lambda each: f"size {size}" in each.message or each.entry == size - 1
    if table.name == "audit_leaf":
        return lambda each: each.entry == row["index"]
    event_id = int(str(row["id" if table.name == "audit_event" else "event_id"]))
    return lambda each: each.event_id == event_id or each.entry == event_id - 1


if __name__ == "__main__":
    main()
