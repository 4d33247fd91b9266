"""Only a head that somebody kept tells that the newest entries were cut off everywhere."""

from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from api.audit import tree
from api.audit.sequencer import sequence, sequence_all
from api.db import schema
from api.db.models import AuditCheckpoint
from api.db.session import Database
from provenance.ledger.checkpoint import open_checkpoint, sign_checkpoint
from tests.api.audit.tampering import TILE, assert_named, drop_triggers, findings, tamper
from tests.api.audit.test_log import KEY, SIGNER, add

CUT = (
    *(f"DELETE FROM audit_{table} WHERE event_id > 20" for table in ("personal", "label", "leaf")),
    "DELETE FROM audit_event WHERE id > 20",
    "DELETE FROM audit_checkpoint WHERE size > 20",
    'DELETE FROM audit_tile WHERE level > 0 OR "index" > 0',
    f"{TILE} hashes = substr(hashes, 1, 640)",
)


def test_a_tail_cannot_be_cut_off_with_an_erasure_in_it(victim: Database) -> None:
    with victim.transaction() as session:
        notes = session.scalars(sa.select(AuditCheckpoint.note).order_by(AuditCheckpoint.size))
        first, *_, last = (open_checkpoint(note, [KEY])[0] for note in notes)
    assert findings(victim, first) == findings(victim, last) == ()
    tamper(victim, *CUT)
    assert_named(findings(victim), "entry 0 has lost its personal part")
    assert not [each for each in findings(victim, first) if "kept" in each.message]
    assert_named(findings(victim, last), "entries 20 to 320, which the kept head covers, are gone")


def test_only_a_kept_head_tells_that_the_tail_was_cut_off(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)
    add(database, 20)
    sequence_all(database, SIGNER)
    add(database, 5)
    sequence_all(database, SIGNER)
    with database.transaction() as session:
        kept, _ = open_checkpoint(tree.newest_checkpoint(session).note, [KEY])
    drop_triggers(database)
    tamper(database, *CUT)
    assert findings(database) == ()
    assert [each.entry for each in findings(database, kept)] == [20]
    # Nor does another tail of the same length pass.
    add(database, 5, subject="video_9")
    tamper(database, "INSERT OR IGNORE INTO audit_pending SELECT id FROM audit_event WHERE id > 20")
    sequence_all(database, SIGNER)
    assert findings(database) == ()
    assert_named(findings(database, kept), "the first 25 entries do not lead to the head that was")
    database.close()


def test_heads_of_three_lines_as_they_were_once_signed_are_continued(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    schema.upgrade(database)
    for _ in range(2):
        add(database, 3)
        sequence(database, SIGNER)
    tamper(database, "DROP TRIGGER audit_checkpoint_update")
    with database.transaction() as session:
        for head in session.scalars(sa.select(AuditCheckpoint)):
            plain = replace(open_checkpoint(head.note, [KEY])[0], extensions=())
            head.note = sign_checkpoint(plain, SIGNER)
    add(database, 3)
    sequence(database, SIGNER)
    assert findings(database, plain) == ()
    with database.transaction() as session:
        newest, _ = open_checkpoint(tree.newest_checkpoint(session).note, [KEY])
    assert newest.extensions[0] == f"previous {plain.size}"
    database.close()
