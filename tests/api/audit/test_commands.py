"""What `signet audit` tells somebody who has one event, its proof, or a part of the log."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.cli.output import EXIT_BAD_INPUT, EXIT_NO
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign
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
    assert good.code == 0
    assert good.out.startswith("intact: entry 0 of the 1 under this head, signed 20")
    assert good.out.endswith("by the log's clock; not under the head before, of 0 entries\n")
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


def test_a_proof_says_when_it_was_and_what_a_witness_says(
    signet: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"4" * 32)
    witness = WitnessKey("witness.test", private.public_key().public_bytes_raw())
    monkeypatch.setenv(
        "SIGNET_LOG_WITNESSES", json.dumps([{"url": "https://w.test", "key": str(witness)}])
    )
    entry, proof = tmp_path / "entry", tmp_path / "event.tlog-proof"
    heads = []
    for name in ("alice", "bob", "carol"):
        signet("keys", "create", name, "--scope", "audit")
        heads.append(json.loads(signet("audit", "checkpoint", "--json").out))
    signet("audit", "show", "1", "--entry", str(entry))
    key = heads[0]["verifier_key"]

    def verified(*more: str) -> Answer:
        arguments = ("--entry", str(entry), "--key", key, "--json", *more)
        return signet("audit", "verify", str(proof), *arguments)

    signet("audit", "prove", "1", "-o", str(proof))
    newest = json.loads(verified().out)
    assert (newest["entries"], newest["previous"], newest["first_head"]) == (3, 2, False)
    signet("audit", "prove", "1", "-o", str(proof), "--first")
    first = json.loads(verified().out)
    assert (first["entries"], first["previous"], first["first_head"]) == (1, 0, True)
    assert first["signed"] in heads[0]["note"]
    alone = verified("--witness", str(witness))
    assert (alone.code, "has not cosigned" in alone.err) == (EXIT_NO, True)
    wrong = verified("--witness", key)
    assert (wrong.code, "from the witness itself" in wrong.err) == (EXIT_BAD_INPUT, True)
    assert "/v1/audit/key" in verified("--key", str(witness)).err

    text = Checkpoint.parse_signed(heads[1]["note"].encode()).text
    line = f"{cosign(text, witness.name, private, 1_800_000_000)}\n"
    with closing(sqlite3.connect(tmp_path / "data" / "signet.sqlite")) as database:
        values = (2, str(witness), line.encode())
        database.execute("INSERT INTO audit_cosignature VALUES (?, ?, ?)", values)
        database.commit()
    signet("audit", "prove", "1", "-o", str(proof))
    seen = json.loads(verified("--witness", str(witness)).out)
    assert (seen["entries"], seen["cosigned"]) == (2, {witness.name: "2027-01-15T08:00:00+00:00"})
    good = proof.read_text()
    last = good.rstrip("\n")
    proof.write_text(f"{last[:-6]}{'A' if last[-6] != 'A' else 'B'}{last[-5:]}\n")
    assert verified("--witness", str(witness)).code == EXIT_NO
    assert verified().code == 0  # of whom one knows nothing, one believes nothing


def test_what_cannot_be_checked_or_written_is_said(
    signet: Callable[..., Answer], tmp_path: Path
) -> None:
    head, listed = tmp_path / "head", tmp_path / "log.csv"
    signet("keys", "create", "alice", "--scope", "audit")
    head.write_text(signet("audit", "checkpoint").out)
    signet("audit", "export", str(listed), "--format", "csv")
    for file in (head, listed):
        answer = signet("audit", "verify", str(file))
        assert (answer.code, "checked are exports in JSON Lines" in answer.err) == (2, True)
    assert signet("audit", "export", str(tmp_path / "nowhere" / "x")).code == EXIT_BAD_INPUT


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


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SIGNET_LOG_WITNESSES", "https://w.test", "SIGNET_LOG_WITNESSES is not JSON"),
        (
            "SIGNET_LOG_WITNESSES",
            '[{"url": "https://w.test", "key": "signet.test+00000000+AQ=="}]',
            "SIGNET_LOG_WITNESSES: 0.key: Value error, the verifier key is not of signature type 4",
        ),
        (
            "SIGNET_LOG_WEBHOOK",
            '{"url": "https://w.test", "secret": "a secret"}',
            "SIGNET_LOG_WEBHOOK: secret: Value error, the secret is whsec_ and base64",
        ),
    ],
)
def test_a_wrong_setting_is_named_as_it_is_documented(
    signet: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    answer = signet("audit", "list")
    assert (answer.code, said in answer.err) == (EXIT_BAD_INPUT, True), answer.err
