"""The command line: answers, JSON and exit codes."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generator import demo
from provenance.ledger.checkpoint import Checkpoint, sign_checkpoint
from provenance.ledger.note import NoteSigner

HELD = "Tom Hanks walks his dog in a park"
BLOCKED = "a fabricated news report in which the president of France declares war"


Run = Callable[..., Any]
"""`signet` with these arguments; see conftest."""


def test_help_teaches_every_command(signet: Run) -> None:
    top = signet("--help")
    assert top.code == 0
    for command in ("serve", "worker", "generate", "moderate", "verify", "watermark", "keys"):
        assert command in top.out
    assert "Settings come from SIGNET_*" in top.out


def test_only_what_a_command_needs_is_loaded() -> None:
    code = "import api.cli, sys; print(*({'torch', 'transformers', 'fastapi'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert loaded.stdout.strip() == b""


def test_moderate_answers_text_json_and_lines(signet: Run) -> None:
    assert signet("moderate", "a red ball rolls to the right").out.strip() == "allow"
    blocked = signet("moderate", BLOCKED, "--json")
    assert blocked.code == 1
    assert json.loads(blocked.out)["action"] == "block"
    lines = "".join(
        json.dumps({"id": number, "prompt": text}) + "\n"
        for number, text in enumerate(["a cat plays the piano", BLOCKED])
    )
    answered = signet("moderate", "--jsonl", "-", stdin=lines)
    assert [json.loads(line)["id"] for line in answered.out.splitlines()] == [0, 1]
    assert signet("moderate", "--jsonl", "-", stdin="nonsense\n").code == 2
    assert signet("moderate").code == 2


def test_refused_held_and_bad_requests_have_their_exit_codes(signet: Run, tmp_path: Path) -> None:
    out = str(tmp_path / "out.mp4")
    refused = signet("generate", BLOCKED, "-o", out, "--json")
    answer = json.loads(refused.out)
    assert (refused.code, answer["error"]["code"]) == (1, "moderation_blocked")
    assert answer["statement_of_reasons"]["automated"]
    command = f"signet review appeal {answer['subject']} --reason"
    assert command in refused.err
    for code in (0, 1):  # once
        assert signet(*command.split()[1:], "it is a film prop").code == code
    appealed = signet("review", "approve", answer["subject"], "--reason", "it is").out
    assert "approved" in appealed
    assert signet("generate", "a red ball", "-o", out, "--size", "7x7").code == 2
    assert signet("generate", "a red ball", "-o", "/nowhere/out.mp4").code == 2
    assert signet("verify", "/nowhere.mp4").code == 2
    held = signet("generate", HELD, "-o", out)
    assert held.code == 1
    listed = json.loads(signet("review", "list", "--json").out)
    assert [row["prompt"] for row in listed] == [HELD]
    video_id = listed[0]["id"]
    assert signet("review", "reject", video_id, "--reason", " ").code == 2
    assert signet("review", "reject", video_id, "--reason", "no consent").code == 0
    late = signet("review", "approve", video_id, "--reason", "late")
    assert (late.code, f"`signet review show {video_id}`" in late.err) == (1, True)
    assert json.loads(signet("review", "list", "--json").out) == []


def test_verify_answers_in_the_language_that_is_asked_for(
    signet: Run, tmp_path: Path, small_video: Path
) -> None:
    (tmp_path / "text.mp4").write_bytes(b"no video")
    asked = signet("verify", str(tmp_path / "text.mp4"), str(small_video), "--lang", "fr", "--json")
    assert asked.code == 1
    unreadable, unknown = json.loads(asked.out)
    assert unreadable["summary"].startswith("Ce fichier")
    assert unknown["verdict"] == "unknown"
    assert asked.err == ""  # progress is for people who watch


def test_a_moderator_sees_all_of_a_prompt_and_no_terminal_obeys_it(
    signet: Run, tmp_path: Path
) -> None:
    hidden = f"{HELD} [in blue] [/x] \x1b[2K\u202e\n and smiles"
    assert signet("generate", hidden, "-o", str(tmp_path / "out.mp4")).code == 1
    shown = signet("review", "list")
    assert shown.code == 0
    assert rf"{HELD} [in blue] [/x] \x1b[2K\u202e\n and smiles" in shown.out


@pytest.mark.parametrize("moves", ["\x1b[2K", "\x9b2K", "\u202e"])
def test_no_terminal_obeys_what_strangers_wrote(signet: Run, tmp_path: Path, moves: str) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(b"signed")
    consent = ("consent", "add", f"Tom {moves}Hanks", "--evidence", str(form))
    consent_id = signet(*consent, "--expires", "2999-01-01").out.strip()
    mirror = tmp_path / "mirror"
    assert signet("audit", "mirror", str(mirror)).code == 0
    export = tmp_path / "log.jsonl"
    assert signet("audit", "export", str(export)).code == 0
    first, *rest = export.read_text().splitlines(keepends=True)
    lines = [json.loads(line) for line in rest]
    lines[0][f"x{moves}"] = 1
    export.write_text("".join([first, *(json.dumps(line) + "\n" for line in lines)]))
    key = (mirror / "verifier-key").read_text().strip()
    odd = tmp_path / f"odd{moves}"
    odd.write_text("no export")
    answers = [
        signet("consent", "show", consent_id),
        signet("consent", "show", consent_id, "--json"),
        signet("audit", "verify", str(export), "--key", key),
        signet("audit", "verify", str(export), "--key", key, "--json"),
        signet("audit", "verify", str(odd)),
        signet("audit", "verify", str(odd), "--json"),
    ]
    assert [answer.code for answer in answers] == [0, 0, 1, 1, 2, 2]
    for answer in answers:
        assert moves not in answer.out + answer.err
    assert json.loads(answers[1].out)["subject"] == f"Tom {moves}Hanks"


def test_keys_are_created_listed_and_revoked(signet: Run) -> None:
    key = signet("keys", "create", "newsroom", "--scope", "verify").out.strip()
    key_id = key.split("_")[1]
    row = json.loads(signet("keys", "list", "--json").out)[0]
    assert (row["id"], row["scopes"], row["revoked"]) == (key_id, ["verify"], False)
    assert key.split("_", 2)[2] not in signet("keys", "list").out
    assert signet("keys", "revoke", key_id).code == 0
    assert signet("keys", "revoke", key_id).code == 1
    events = json.loads(signet("audit", "list", "--json").out)
    assert [event["type"] for event in events] == ["key.revoked", "key.created"]


def test_copies_of_the_log_are_checked(signet: Run, tmp_path: Path) -> None:
    folder, file = tmp_path / "mirror", tmp_path / "log.jsonl"
    assert signet("audit", "mirror", str(folder)).code == 1  # there is no log yet
    signet("keys", "create", "test", "--scope", "audit")
    assert signet("audit", "mirror", str(folder)).code == 0
    exported = signet("audit", "export", str(file))
    assert (exported.code, exported.out, exported.err) == (0, "", f"{file}: 1 event\n")
    none = signet(
        "audit", "export", str(tmp_path / "none"), "--type", "video.sealed", "--format", "ocsf"
    )
    assert none.err == f"{tmp_path / 'none'}: 0 events\n"
    key = json.loads(signet("audit", "checkpoint", "--json").out)["verifier_key"]
    for copy, tampered in ((folder, folder / "tile/entries/000.p/1"), (file, file)):
        assert signet("audit", "verify", str(copy), "--key", key).out.startswith("intact: 1 ")
        assert key in signet("audit", "verify", str(copy)).out
        tampered.write_bytes(tampered.read_bytes().replace(b"key.created", b"key.revoked"))
        broken = signet("audit", "verify", str(copy), "--key", key, "--json")
        assert (broken.code, json.loads(broken.out)["intact"]) == (1, False)
        assert signet("audit", "verify", str(copy), "--key", "x").code == 2
    database = signet("audit", "verify")
    assert (database.out, database.err) == (
        "intact: 1 entry under 1 signed head, 0 waiting\n",
        "",  # nor an empty line of a bar
    )
    assert signet("audit", "verify", "--key", "x").code == 2
    assert signet("audit", "verify", "--key", key).code == 0
    name = key.split("+")[0]
    stranger = NoteSigner(name, Ed25519PrivateKey.generate()).verifier_key
    assert signet("audit", "verify", "--key", str(stranger)).code == 1
    assert signet("audit", "verify", str(tmp_path)).code == 2
    assert signet("audit", "verify", str(tmp_path / "nothing")).code == 2
    assert signet("audit", "list", "--since", "0001-01-01").code == 2
    assert "video.sealed" in signet("audit", "list", "--type", "video.seeled").err


def test_half_an_export_is_not_left_behind(signet: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        signet("keys", "create", name, "--scope", "audit")
    signet("audit", "checkpoint")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "signet.sqlite")) as database:
        database.execute("DELETE FROM audit_tile")
        database.commit()
    assert signet("audit", "export", str(tmp_path / "log.jsonl")).code == 3
    assert not (tmp_path / "log.jsonl").exists()


def test_the_log_and_its_copies_are_compared_with_a_kept_head(signet: Run, tmp_path: Path) -> None:
    folder, file, head = tmp_path / "mirror", tmp_path / "log.jsonl", tmp_path / "head"
    signet("keys", "create", "test", "--scope", "audit")
    head.write_text(signet("audit", "checkpoint").out)
    signet("audit", "mirror", str(folder))
    signet("audit", "export", str(file))
    name = signet("audit", "checkpoint").out.splitlines()[0]
    stranger = NoteSigner(name, Ed25519PrivateKey.generate())
    foreign = sign_checkpoint(Checkpoint(name, 1, bytes(32)), stranger)
    for copy in ([], [str(folder)], [str(file)]):
        for content, code in ((head.read_bytes(), 0), (foreign, 1), (b"no head", 2)):
            (tmp_path / "kept").write_bytes(content)
            verified = signet("audit", "verify", *copy, "--head", str(tmp_path / "kept"))
            assert verified.code == code
    assert signet("audit", "verify", "--head", str(tmp_path / "nothing")).code == 2


def test_models_are_listed_and_checked(signet: Run) -> None:
    ids = [model["id"] for model in json.loads(signet("models", "list", "--json").out)]
    assert ids[:2] == ["demo", "zai-org/CogVideoX-2b"]
    pulled = json.loads(signet("models", "pull", "demo", "--json").out)
    assert (Path(pulled["folder"]) / "model_index.json").is_file()
    assert signet("models", "check", "/nowhere").code == 2


def test_a_checkpoint_is_checked_by_its_digests(signet: Run, tmp_path: Path) -> None:
    shipped = json.loads(signet("models", "check", "demo", "--json").out)
    assert shipped["digests"] == "all files are as published"
    copy = shutil.copytree(demo.SHIPPED, tmp_path / "copy")
    assert signet("models", "check", str(copy)).code == 0
    weights = next(copy.glob("vae/*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    changed = signet("models", "check", str(copy))
    assert changed.code == 1
    assert weights.name in changed.err
    (copy / "SHA256SUMS").unlink()
    assert "none to compare with" in signet("models", "check", str(copy)).out


def test_production_refuses_to_sign_without_its_secrets(
    signet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_MODE", "production")
    for command in (("serve",), ("worker", "--role", "produce")):
        refused = signet(*command)
        assert refused.code == 2
        for name in ("SIGNET_CERTIFICATE_CHAIN", "SIGNET_PRIVATE_KEY", "SIGNET_WATERMARK_KEYS"):
            assert name in refused.err


def test_a_wrong_setting_is_named(signet: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_MEMORY", "some")
    refused = signet("keys", "list")
    assert refused.code == 2
    assert "SIGNET_MEMORY" in refused.err
