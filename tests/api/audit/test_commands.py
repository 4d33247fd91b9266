"""What `signet audit` tells somebody who has one event, its proof, or a part of the log."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from api.cli.output import EXIT_BAD_INPUT, EXIT_NO
from tests.api.conftest import Answer


def test_an_event_is_shown_and_its_proof_file_checked(
    signet: Callable[..., Answer], tmp_path: Path
) -> None:
    signet("keys", "create", "alice", "--scope", "audit")
    entry, proof = tmp_path / "entry", tmp_path / "event.tlog-proof"
    shown = signet("audit", "show", "1", "--entry", str(entry), "--json")
    event = json.loads(shown.out)
    assert (shown.code, event["place"], event["entries"], event["proved"]) == (0, 0, 1, True)
    assert event["personal"] == {"actor": "cli", "name": "alice"}
    assert "key.created" in signet("audit", "show", "1").out
    assert signet("audit", "show", "2").code == EXIT_NO

    signet("audit", "prove", "1", "-o", str(proof))
    key = json.loads(signet("audit", "checkpoint", "--json").out)["verifier_key"]
    good = signet("audit", "verify", str(proof), "--entry", str(entry), "--key", key)
    assert (good.code, good.out) == (0, "intact: entry 0 of the 1 under this head\n")
    assert signet("audit", "verify", str(proof), "--key", key).code == EXIT_BAD_INPUT
    assert signet("audit", "verify", "--entry", str(entry)).code == EXIT_BAD_INPUT
    entry.write_bytes(entry.read_bytes() + b" ")
    bad = signet("audit", "verify", str(proof), "--entry", str(entry), "--key", key)
    assert bad.code == EXIT_NO

    with closing(sqlite3.connect(tmp_path / "data" / "signet.sqlite")) as database:
        database.execute("UPDATE audit_personal SET content = replace(content, 'alice', 'bob')")
        database.commit()
    changed = signet("audit", "show", "1", "--json")
    assert changed.code == EXIT_NO
    assert "another personal part" in json.loads(changed.out)["problem"]


def test_a_copy_says_what_it_lacks(signet: Callable[..., Answer], tmp_path: Path) -> None:
    cut, older, head = tmp_path / "cut.jsonl", tmp_path / "older.jsonl", tmp_path / "head"
    signet("keys", "create", "alice", "--scope", "audit")
    signet("audit", "export", str(older))
    signet("keys", "create", "bob", "--scope", "audit")
    head.write_text(signet("audit", "checkpoint").out)
    signet("audit", "export", str(cut), "--until", "2020-01-01")
    answer = signet("audit", "verify", str(cut))
    assert answer.code == 0
    assert "the other 2 are not in this file, which says nothing of them" in answer.out
    assert json.loads(signet("audit", "verify", str(cut), "--json").out)["complete"] is False
    answer = signet("audit", "verify", str(older), "--head", str(head), "--json")
    assert (answer.code, json.loads(answer.out)["reaches_kept_head"]) == (EXIT_NO, False)
    answer = signet("audit", "verify", "--head", str(head), "--json")
    assert (answer.code, json.loads(answer.out)["reaches_kept_head"]) == (0, True)
