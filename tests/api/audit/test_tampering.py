"""Whatever is changed in the log's tables without its key is found and located."""

import pytest

from api.audit import rows
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.session import Database
from tests.api.audit.tampering import (
    COSIGNATURE,
    EVENT,
    HEAD,
    LEAF,
    SIZE,
    TILE,
    assert_named,
    findings,
    tamper,
)
from tests.api.audit.test_log import SIGNER, add

ADD_EVENT = (
    "INSERT INTO audit_event (id, occurred_at, type, version, tenant, data, commitment) SELECT "
    "500, occurred_at, type, version, tenant, data, commitment FROM audit_event WHERE id = 17"
)
TAMPERINGS: dict[str, tuple[str, str]] = {
    "placed before all": (
        f"{ADD_EVENT}; INSERT INTO audit_leaf VALUES (-1, 500, x'00')",
        "entry -1 lies before the first",
    ),
    "placed behind all": (
        f"{ADD_EVENT}; INSERT INTO audit_leaf VALUES (400, 500, x'00')",
        "entry 400 lies beyond the signed head",
    ),
    "twice in a place": (
        "CREATE TABLE copy AS SELECT \"index\", event_id, x'00' AS entry FROM audit_leaf WHERE "
        '"index" = 16 UNION ALL SELECT * FROM audit_leaf; DROP TABLE audit_leaf; '
        "ALTER TABLE copy RENAME TO audit_leaf",
        "entry 16 is there 2 times",
    ),
    "member twice": (
        f"""{EVENT} data = '{{"code": "harmless", ' || substr(data, 2) WHERE id = 17""",
        "entry 16 is not what was logged",
    ),
    "whole number with a point": (
        f"{EVENT} data = replace(data, '2}}', '2.0}}') WHERE id = 17",
        "entry 16 is not what was logged",
    ),
    "personal member twice": (
        """UPDATE audit_personal SET content = '{"actor": "key:1", ' || substr(content, 2) """
        "WHERE event_id = 17",
        "entry 16 has another personal part",
    ),
    "label twice": (
        "CREATE TABLE copy AS SELECT * FROM audit_label; DROP TABLE audit_label; "
        "ALTER TABLE copy RENAME TO audit_label; "
        "INSERT INTO audit_label SELECT * FROM audit_label WHERE event_id = 17",
        "entry 16 would not be found by what it says",
    ),
    "index without an event": (
        "DROP INDEX ix_audit_event_tenant; "
        "CREATE INDEX ix_audit_event_tenant ON audit_event (tenant, id) WHERE id <> 17; "
        "PRAGMA writable_schema = ON; "
        "UPDATE sqlite_master SET sql = replace(sql, ' WHERE id <> 17', '') "
        "WHERE name = 'ix_audit_event_tenant'; PRAGMA writable_schema = RESET",
        "row 17 missing from index ix_audit_event_tenant",
    ),
    "nowhere": (ADD_EVENT, "event 500 was put into the log behind its back"),
    "queued again": ("INSERT INTO audit_pending VALUES (17)", "event 17 waits for a place but has"),
    "queued nothing": ("INSERT INTO audit_pending VALUES (600)", "event 600 waits for a place but"),
    "quietly erased": (
        "DELETE FROM audit_personal WHERE event_id = 17; "
        "DELETE FROM audit_label WHERE event_id = 17 AND label LIKE 'actor:%'",
        "entry 16 has lost its personal part",
    ),
    "who erased": (
        f"DELETE FROM audit_personal WHERE event_id = {SIZE}; "
        f"DELETE FROM audit_label WHERE event_id = {SIZE}",
        f"entry {SIZE - 1} has lost its personal part",
    ),
    "personal part of null": (
        "UPDATE audit_personal SET content = 'null' WHERE event_id = 17; "
        "DELETE FROM audit_label WHERE event_id = 17 AND label LIKE 'actor:%'",
        "entry 16",
    ),
    "emptied personal part": (
        "UPDATE audit_personal SET salt = x'' WHERE event_id = 17",
        "entry 16",
    ),
    "endless time": (f"{EVENT} occurred_at = 9e999 WHERE id = 17", "entry 16"),
    "tile of a level without UTF-8": (
        f"{TILE} level = CAST(x'ff' AS TEXT) WHERE level = 1",
        "tile 0 of level None lies outside the log",
    ),
    "label of an event without UTF-8": (
        "UPDATE audit_label SET event_id = CAST(x'ff' AS TEXT) WHERE event_id = 17",
        "a label is there of event None, which is not",
    ),
    "cosignature of a head without UTF-8": (
        f"{COSIGNATURE} size = CAST(x'ff' AS TEXT)",
        "a cosignature is there of the checkpoint of size None",
    ),
    "respelt time": (
        f"{EVENT} occurred_at = replace(occurred_at, ' ', 'T') WHERE id = 17",
        "entry 16 is gone or cannot be read",
    ),
    "same time elsewhere": (
        f"{EVENT} occurred_at = datetime(occurred_at, '-23 hours') || '-23:00' WHERE id = 17",
        "entry 16 is gone or cannot be read",
    ),
    "named time": (f"{EVENT} occurred_at = 'infinity' WHERE id = 17", "entry 16"),
    "time before Christ": (f"{EVENT} occurred_at = '-0044-03-15 00:00' WHERE id = 17", "entry 16"),
    "last moment": (
        f"{EVENT} occurred_at = '9999-12-31 23:59:59-14:00' WHERE id = 17",
        "entry 16",
    ),
    "subject without UTF-8": (f"{EVENT} subject = CAST(x'ff' AS TEXT) WHERE id = 17", "entry 16"),
    "data without UTF-8": (f"{EVENT} data = CAST(x'22ff22' AS TEXT) WHERE id = 17", "entry 16"),
    "number for data": (f"{EVENT} data = 5 WHERE id = 17", "entry 16"),
    "text for a commitment": (f"{EVENT} commitment = 'x' WHERE id = 17", "entry 16"),
    "label without UTF-8": (
        "UPDATE audit_label SET label = CAST(x'ff' AS TEXT) WHERE event_id = 17",
        "entry 16",
    ),
    "another tenant's label": (
        "UPDATE audit_label SET tenant = 'elsewhere' WHERE event_id = 17",
        "entry 16 would not be found",
    ),
    "label of another type": (
        "UPDATE audit_label SET type = 'prompt.moderated' WHERE event_id = 17",
        "entry 16 would not be found",
    ),
    "label of nothing": (
        "INSERT INTO audit_label (event_id, label, tenant, type) "
        "VALUES (600, 'action:allow', 't', 'prompt.moderated')",
        "a label is there of event 600",
    ),
    "personal part of nothing": (
        "INSERT INTO audit_personal VALUES (600, x'00', '{}')",
        "a personal part is there of event 600",
    ),
    "text for bytes": (f"{LEAF} entry = 'x' WHERE event_id = 17", "entry 16"),
    "text for an event": (f"{LEAF} event_id = 'x' WHERE event_id = 17", "entry 16"),
    "text in a tile": (f"{TILE} hashes = 'x' WHERE level = 0", "entry 16"),
    "endless tile": (f"{TILE} hashes = 9223372036854775807 WHERE level = 0", "entry 16"),
    "text in an upper tile": (f"{TILE} hashes = 'x' WHERE level = 1", "tile 0 of level 1"),
    "another upper tile": (f"{TILE} hashes = zeroblob(32) WHERE level = 1", "tile 0 of level 1"),
    "junk behind a full tile": (
        f"{TILE} hashes = CAST(hashes || x'00' AS BLOB) WHERE level = 0 AND \"index\" = 0",
        "tile 0 of level 0 has 8193 bytes",
    ),
    "junk behind the last tile": (
        f'{TILE} hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 0 AND "index" = 1',
        "tile 1 of level 0 has 2112 bytes",
    ),
    "junk behind an upper tile": (
        f"{TILE} hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 1",
        "tile 0 of level 1 has 64 bytes",
    ),
    "tile beyond": ("INSERT INTO audit_tile VALUES (0, 2, zeroblob(32))", "tile 2 of level 0 lies"),
    "tile above": ("INSERT INTO audit_tile VALUES (2, 0, zeroblob(32))", "tile 0 of level 2 lies"),
    "tile before": ("INSERT INTO audit_tile VALUES (0, -1, x'00')", "tile -1 of level 0 lies"),
    "tile by name": (
        "INSERT INTO audit_tile VALUES ('x', 'y', x'00')",
        "tile None of level None lies",
    ),
    "text for a head": (f"{HEAD} note = 'x' WHERE size = 20", "checkpoint of size 20 cannot be"),
    "changed head": (f"{HEAD} note = x'00' WHERE size = 20", "checkpoint of size 20 is false"),
    "more below a head": (
        f"{HEAD} note = CAST(note || '— x.example/says AAAAAAA=' || char(10) AS BLOB) "
        "WHERE size = 20",
        "checkpoint of size 20 has lines below the log's signature",
    ),
    "moved head": (f"{HEAD} size = 21 WHERE size = 20", "checkpoint of size 21 says 20"),
    "inserted head": (
        "INSERT INTO audit_checkpoint SELECT 9223372036854775807, note, created_at "
        "FROM audit_checkpoint WHERE size = 20",
        "checkpoint of size 9223372036854775807 says 20",
    ),
    "head without a time": (f"{HEAD} created_at = 'x' WHERE size = 20", "size 20 cannot be read"),
    "head of another time": (
        f"{HEAD} created_at = '2020-01-01 00:00:00' WHERE size = 20",
        "checkpoint of size 20 was signed at another time",
    ),
    "removed first head": (
        "DELETE FROM audit_checkpoint WHERE size = 10",
        "checkpoint of size 10 is gone",
    ),
    "removed middle head": (
        "DELETE FROM audit_checkpoint WHERE size = 320",
        "checkpoint of size 320 is gone",
    ),
    "removed newest head": (
        f"DELETE FROM audit_checkpoint WHERE size = {SIZE}",
        f"entry {SIZE - 1} lies beyond the signed head",
    ),
    "text for a cosignature": (
        f"{COSIGNATURE} line = 'x'",
        "cosignature of the checkpoint of size",
    ),
    "changed cosignature": (
        f"{COSIGNATURE} line = CAST(replace(line, 'A', 'B') AS BLOB)",
        "cosignature of the checkpoint of size 20 by witness.test",
    ),
    "more than a cosignature": (
        f"{COSIGNATURE} line = CAST(line || line || x'0a' AS BLOB)",
        "cosignature of the checkpoint of size 20 by witness.test",
    ),
    "a cosignature twice": (
        f"{COSIGNATURE} line = CAST(line || line AS BLOB)",
        "cosignature of the checkpoint of size 20 by witness.test",
    ),
    "another's cosignature": (
        f"{COSIGNATURE} witness = 'x'",
        "cosignature of the checkpoint of size 20 by x",
    ),
    "moved cosignature": (f"{COSIGNATURE} size = 10", "cosignature of the checkpoint of size 10"),
    "cosignature of nothing": (f"{COSIGNATURE} size = 11", "checkpoint of size 11, which is not"),
}


@pytest.mark.parametrize(("statements", "what"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_found_and_located(victim: Database, statements: str, what: str) -> None:
    tamper(victim, *statements.split("; "))
    assert_named(findings(victim), what)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"{EVENT} occurred_at = 'infinity' WHERE id = 3", "entry 2 is gone or cannot be read"),
        (f"{EVENT} occurred_at = '0044-03-15 BC' WHERE id = 3", "entry 2 is gone or cannot"),
        (f"{EVENT} occurred_at = '294000-01-01' WHERE id = 3", "entry 2 is gone or cannot be read"),
        (f"{HEAD} created_at = '-infinity'", "the checkpoint of size 5 cannot be read"),
    ],
)
def test_times_that_python_has_not_are_found_on_postgresql(
    postgres_url: str, statement: str, what: str
) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    add(database, 5)
    sequence_all(database, SIGNER)
    tamper(
        database,
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "ALTER TABLE audit_checkpoint DISABLE TRIGGER ALL",
        "ALTER TABLE audit_event DROP CONSTRAINT ck_audit_event_occurred_at",
        statement,
    )
    assert_named(findings(database), what)
    database.close()


@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_checkpoint", "audit_label"])
def test_row_security_that_hides_rows_is_found_on_postgresql(postgres_url: str, table: str) -> None:
    database = Database(postgres_url)
    schema.upgrade(database)
    add(database, 3)
    sequence_all(database, SIGNER)
    assert findings(database) == ()
    kind = "AS RESTRICTIVE" if table == "audit_label" else ""
    tamper(
        database,
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY x ON {table} {kind} FOR SELECT USING (current_user = 'signet')",
    )
    (found,) = findings(database)
    assert f"hide rows of {table}" in found.message
    database.close()


def test_entries_behind_a_false_head_are_compared_too(
    victim: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", 256)
    tamper(victim, f"{TILE} hashes = zeroblob(32) || substr(hashes, 33) WHERE level = 0")
    tamper(victim, f"{EVENT} subject = 'video_9' WHERE id = 300")
    assert_named(findings(victim), "entries 0 to 9 do not lead to their signed head")
    assert_named(findings(victim), "entry 299 is not what was logged")
