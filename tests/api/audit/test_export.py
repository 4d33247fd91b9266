"""Exports: JSON Lines that prove themselves anywhere, CSV and OCSF."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import events
from api.audit import export, export_check, search, tree
from api.audit.export import Format
from api.audit.export_check import ExportError
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint, sign_checkpoint
from provenance.ledger.errors import LedgerError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import leaf_hash, tree_root
from provenance.ledger.proofs import consistency_proof
from provenance.ledger.tile_store import append, hash_reader
from tests.api.audit.test_log import KEY, SIGNER, add

GUIDE = Path(__file__).parents[3] / "docs" / "audit.md"


def exported(database: Database, form: Format = Format.JSONL, **conditions: str) -> list[str]:
    return list(export.export(database, search.Conditions(**conditions), form, KEY))


def verified(
    lines: list[str], key: VerifierKey | None = KEY, kept: bytes | None = None
) -> export_check.ExportReport:
    return export_check.verify(lines, key, lambda _done, _total: None, kept)


@pytest.fixture
def lines(database: Database) -> list[str]:
    """An export of twelve events of two videos."""
    add(database, 6, subject="video_1")
    add(database, 6, subject="video_2")
    sequence_all(database, SIGNER)
    return exported(database)


def test_an_export_proves_itself(lines: list[str]) -> None:
    report = verified(lines)
    assert (report.size, report.proved, report.problems) == (12, 12, ())
    assert "a prompt that must vanish" in lines[1]


def test_a_part_of_the_log_is_proved_too(database: Database, lines: list[str]) -> None:
    report = verified(exported(database, subject="video_2"))
    assert (report.size, report.proved, report.problems) == (12, 6, ())


def test_a_reader_may_pause_for_as_long_as_it_likes(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PLACES_AT_ONCE", 100)
    database = Database(postgres_url)
    schema.upgrade(database)
    add(database, 250)
    sequence_all(database, SIGNER)
    lines = export.export(database, search.Conditions(), Format.JSONL, KEY)
    taken = [next(lines) for _ in range(50)]
    with database.engine.begin() as connection:  # as the database does after 20 seconds
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state LIKE 'idle in transaction%%'"
        )
    add(database, 10)
    sequence_all(database, SIGNER)
    report = verified([*taken, *lines])
    assert (report.size, report.proved, report.problems) == (250, 250, ())
    database.close()


def _changed(line: str, change: Callable[[dict[str, object]], None]) -> str:
    value = json.loads(line)
    change(value)
    return json.dumps(value)


CHANGES: dict[str, Callable[[dict[str, object]], None]] = {
    "entry": lambda line: line.update(entry=str(line["entry"]).replace("code-3", "code-4")),
    "place": lambda line: line.update(place=2),
    "proof": lambda line: line.update(proof=[]),
    "no base64": lambda line: line.update(proof=["?"]),
    "personal": lambda line: line["personal"]["content"].update(actor="x"),
    "salt": lambda line: line["personal"].update(salt="AAAA"),
    "personal of another shape": lambda line: line.update(personal=[1]),
    "endless place": lambda line: line.update(place=float("inf")),
    "half a surrogate pair": lambda line: line.update(entry="\ud800"),
    "no entry": lambda line: line.pop("entry"),
    "fraction of a place": lambda line: line.update(place=3.9),
    "whole fraction": lambda line: line.update(place=3.0),
    "place as text": lambda line: line.update(place="3"),
    "entry of another kind": lambda line: line.update(entry=[line["entry"]]),
    "loose base64": lambda line: line.update(proof=[f"{line['proof'][0]}\n", *line["proof"][1:]]),
    "empty personal part": lambda line: line.update(personal={}),
    "no personal part": lambda line: line.pop("personal"),
    "more in the personal part": lambda line: line["personal"].update(more=1),
    "one more member": lambda line: line.update(more=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_line_is_named(
    lines: list[str], change: Callable[[dict[str, object]], None]
) -> None:
    report = verified([*lines[:4], _changed(lines[4], change), *lines[5:]])
    assert report.proved == 11
    assert [problem.split(":")[0] for problem in report.problems] == ["line 5"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"place": 3', '"place": 2, "place": 3'),
        ('"actor": "somebody"', '"actor": "x", "actor": "somebody"'),
        ('"place": 3', '"place": NaN'),
        ("{", "[{"),
    ],
)
def test_a_line_that_others_may_read_otherwise_is_named(
    lines: list[str], old: str, new: str
) -> None:
    changed = lines[4].replace(old, new, 1)
    assert changed != lines[4]
    report = verified([*lines[:4], changed, *lines[5:]])
    assert [problem.split(":")[0] for problem in report.problems] == ["line 5"]


def test_a_file_without_an_end_is_given_up(lines: list[str]) -> None:
    problems = verified([lines[0], *["x"] * 5000]).problems
    assert "not checked" in problems[-1]


def _head(database: Database) -> bytes:
    with database.transaction() as session:
        return tree.newest_checkpoint(session).note


def test_an_export_is_compared_with_a_kept_head(database: Database, lines: list[str]) -> None:
    old = _head(database)
    assert verified(lines, kept=old).problems == ()
    add(database, 3)
    sequence_all(database, SIGNER)
    grown = exported(database)
    assert (
        verified(grown, kept=old).problems == verified(grown, kept=_head(database)).problems == ()
    )
    assert "entries 12 to 14" in verified(lines, kept=_head(database)).problems[0]
    with pytest.raises(ExportError, match="entry 4"):
        verified([*grown[:5], *grown[6:]], kept=old)


def test_a_changed_line_is_named_also_beside_a_kept_head(
    database: Database, lines: list[str]
) -> None:
    old = _head(database)
    add(database, 1)
    sequence_all(database, SIGNER)
    grown = exported(database)
    changed = grown[3].replace('"place": 2', '"place": 1')
    report = verified([*grown[:3], changed, *grown[4:]], kept=old)
    assert [problem.split(":")[0] for problem in report.problems] == ["line 4"]


@pytest.mark.parametrize("size", [11, 12])
def test_an_export_of_another_history_is_named(lines: list[str], size: int) -> None:
    other = sign_checkpoint(Checkpoint(SIGNER.name, size, bytes(32)), SIGNER)
    assert len(verified(lines, kept=other).problems) == 1


def test_doubled_and_exchanged_lines_are_named(lines: list[str]) -> None:
    assert len(verified([*lines[:4], lines[3], *lines[4:]]).problems) == 1
    assert verified([lines[0], lines[2], lines[1]]).problems


def test_another_logs_head_is_refused(lines: list[str]) -> None:
    with pytest.raises(LedgerError):
        verified([_changed(lines[0], lambda head: head.update(checkpoint="\ud800")), *lines[1:]])
    with pytest.raises(LedgerError):
        verified(lines, VerifierKey(KEY.name, bytes(32)))


@pytest.mark.parametrize("first", ["", "{}", "[]", "no JSON", 200_000 * "["])
def test_what_is_no_export_is_refused(lines: list[str], first: str) -> None:
    with pytest.raises(ExportError):
        verified([first, *lines[1:]])
    with pytest.raises(ExportError):
        verified([_changed(lines[0], lambda head: head.update(more=first)), *lines[1:]])


def test_erased_parts_are_missing_and_harmless(database: Database, lines: list[str]) -> None:
    from api.audit import erasure

    with database.transaction() as session:
        erasure.erase(session, "video_1", actor="cli")
    sequence_all(database, SIGNER)
    again = exported(database)
    assert verified(again).proved == 13
    assert json.loads(again[1])["personal"] is None
    assert "a prompt that must vanish" not in "".join(again[1:7])


def test_csv_has_a_row_for_every_event(database: Database, lines: list[str]) -> None:
    rows = list(csv.DictReader(exported(database, Format.CSV)))
    assert [row["subject"] for row in rows] == ["video_1"] * 6 + ["video_2"] * 6
    assert rows[0]["actor"] == "somebody"
    assert json.loads(rows[3]["data"])["code"] == "code-3"


def test_ocsf_events_have_their_required_members(database: Database, lines: list[str]) -> None:
    for line in exported(database, Format.OCSF):
        event = json.loads(line)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["metadata"]["product"]["vendor_name"]
        assert event["entity"]["uid"].startswith("video_")
        assert event["severity_id"] == 3  # failures


def test_an_outsider_proves_an_event_with_the_guides_ten_lines(
    database: Database, lines: list[str], tmp_path: Path
) -> None:
    script = GUIDE.read_text().split("<<'END'\n")[1].split("END\n")[0]
    (tmp_path / "check.py").write_text(script)
    line = json.loads(lines[5])
    (tmp_path / "event.json").write_text(line["entry"], newline="")
    with database.transaction() as session:
        event_id = json.loads(line["entry"])["id"]
        (tmp_path / "event.tlog-proof").write_bytes(tree.prove(session, event_id))
    command = [sys.executable, "check.py", "event.json", "event.tlog-proof"]
    good = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    (tmp_path / "event.json").write_text(line["entry"].replace("code-4", "code-5"))
    bad = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert bad.returncode == 1


@pytest.mark.parametrize("old", [1, 7, 8, 12])
def test_an_outsider_checks_growth_with_the_guides_lines(tmp_path: Path, old: int) -> None:
    (tmp_path / "grown.py").write_text(GUIDE.read_text().split("<<'END'\n")[2].split("END\n")[0])
    leaves = [leaf_hash(bytes([number])) for number in range(12)]
    tiles = {tile.path: content for tile, content in append(lambda _: b"", 0, leaves).items()}
    proof = consistency_proof(hash_reader(tiles.__getitem__, 12), old, 12)
    (tmp_path / "growth").write_text(json.dumps({"proof": [each.hex() for each in proof]}))
    for name, size in (("old", old), ("new", 12)):
        head = Checkpoint(SIGNER.name, size, tree_root(leaves[:size]))
        (tmp_path / name).write_bytes(sign_checkpoint(head, SIGNER))
    command = [sys.executable, "grown.py", "old", "new", "growth"]
    good = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    other = Checkpoint(SIGNER.name, old, tree_root(leaves[1 : old + 1]))
    (tmp_path / "old").write_bytes(sign_checkpoint(other, SIGNER))
    bad = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stderr) == (1, "")


def test_the_api_exports_only_the_tenants_own(client: TestClient, service: object) -> None:
    client.post("/v1/moderations", json={"input": "a red ball"})
    with service.database.transaction() as session:
        events.append(session, events.VideoDeleted(), tenant="other", actor="x", subject="video_9")
    sequence_all(service.database, service.log_signer)
    answer = client.get("/v1/audit/export")
    assert answer.status_code == 200
    report = export_check.verify(answer.text.splitlines(), None, lambda _done, _total: None)
    assert report.problems == ()
    assert 0 < report.proved < report.size
    assert "video_9" not in answer.text
    assert client.get("/v1/audit/export?format=csv").headers["content-type"].startswith("text/csv")
