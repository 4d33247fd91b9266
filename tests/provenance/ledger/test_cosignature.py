"""Witnesses' cosignatures, on a real checkpoint of a public log and on our own."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.ledger.checkpoint import Checkpoint, open_checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign, cosignatures
from provenance.ledger.errors import FormatError, SignatureError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.note import Note, NoteSigner, Signature

# A staging log of Certificate Transparency on 23 May 2026, with two signatures of its own (one of a
# kind that is unknown here) and those of four public witnesses.
ORIGIN = "arche2025h1.staging.ct.transparency.dev"
CHECKPOINT = (
    f"{ORIGIN}\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n"
    f"— {ORIGIN} zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2"
    "BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    f"— {ORIGIN} ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7R"
    "y1k3ZFWwQ=\n"
    "— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2r"
    "hIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
    "— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ"
    "75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n"
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sX"
    "Tynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
    "— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmI"
    "Y/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==\n"
).encode()
LOG_KEY = VerifierKey.parse(f"{ORIGIN}+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f")
WITNESSES = [
    WitnessKey.parse(text)
    for text in (
        "transparency.dev/DEV:witness-little-garden+d8042a87+"
        "BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
        "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    )
]
TIME = 1779573024  # in the signatures themselves

PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = WitnessKey("witness.example", PRIVATE_KEY.public_key().public_bytes_raw())


def test_a_real_checkpoint_and_its_witnesses() -> None:
    checkpoint, note = open_checkpoint(CHECKPOINT, [LOG_KEY])
    assert checkpoint.size == 1432088532
    assert cosignatures(note, WITNESSES) == dict.fromkeys(WITNESSES, TIME)
    assert cosignatures(note, WITNESSES[:1]) == {WITNESSES[0]: TIME}
    assert cosignatures(note, [WITNESS]) == {}


def test_a_witness_does_not_sign_another_tree_or_time() -> None:
    text, lines = Note.parse(CHECKPOINT).text, Note.parse(CHECKPOINT).signatures
    later = Signature(
        lines[4].key_name, lines[4].key_id, (TIME + 1).to_bytes(8, "big") + lines[4].data[8:]
    )
    for note in (
        Note(text.replace("1432088532", "1432088533"), lines),
        Note(text, (later,)),
        Note(text, (Signature(later.key_name, later.key_id, lines[4].data[:71]),)),
        Note(text, (Signature(later.key_name, later.key_id, b"\xff" * 72),)),
        Note(text, (Signature(later.key_name, later.key_id, b"short"),)),
    ):
        with pytest.raises(SignatureError, match=r"remora\.n621\.de"):
            cosignatures(note, WITNESSES[2:3])


def test_a_cosignature_is_what_the_specification_says(signed: bytes) -> None:
    """C2SP tlog-cosignature, "Format" and "Ed25519 signed message"."""
    note = Note.parse(signed)
    cosignature = cosign(note.text, WITNESS.name, PRIVATE_KEY, 1679315147)
    message = f"cosignature/v1\ntime 1679315147\n{note.text}".encode()
    assert cosignature.data == (1679315147).to_bytes(8, "big") + PRIVATE_KEY.sign(message)
    assert base64.b64decode(str(cosignature).split(" ")[2])[:4] == WITNESS.key_id


def test_the_latest_word_of_a_witness_counts(signed: bytes) -> None:
    note = Note.parse(signed)
    twice = tuple(cosign(note.text, WITNESS.name, PRIVATE_KEY, time) for time in (7, 5))
    assert cosignatures(Note(note.text, twice), [WITNESS]) == {WITNESS: 7}


def test_extension_lines_are_covered() -> None:
    text = Checkpoint("a.example/log", 1, bytes(32), ("extension",)).text
    cosignature = cosign(text, WITNESS.name, PRIVATE_KEY, 0)
    assert cosignatures(Note(text, (cosignature,)), [WITNESS]) == {WITNESS: 0}
    with pytest.raises(SignatureError):
        cosignatures(Note(text.replace("ext", "txe"), (cosignature,)), [WITNESS])


def test_a_log_and_a_witness_do_not_sign_for_each_other(signed: bytes) -> None:
    """The same key and name under both signature types are two keys."""
    plain = NoteSigner(WITNESS.name, PRIVATE_KEY)
    assert plain.verifier_key.key_id != WITNESS.key_id
    text = Note.parse(signed).text
    both = Note(text, (plain.sign(text), cosign(text, WITNESS.name, PRIVATE_KEY, 1)))
    assert both.signatures_by(plain.verifier_key) == both.signatures[:1]
    assert both.signatures_by(WITNESS) == both.signatures[1:]
    with pytest.raises(FormatError, match="signature type 4"):
        WitnessKey.parse(str(plain.verifier_key))
    with pytest.raises(FormatError, match="signature type 1"):
        VerifierKey.parse(str(WITNESS))


def test_a_time_beyond_the_specifications_range_is_refused(signed: bytes) -> None:
    text = Note.parse(signed).text
    signature = PRIVATE_KEY.sign(f"cosignature/v1\ntime {2**63}\n{text}".encode())
    late = Signature(WITNESS.name, WITNESS.key_id, (2**63).to_bytes(8, "big") + signature)
    with pytest.raises(SignatureError):
        cosignatures(Note(text, (late,)), [WITNESS])


@pytest.mark.parametrize("time", [-1, 2**63])
def test_impossible_times(time: int, signed: bytes) -> None:
    with pytest.raises(FormatError):
        cosign(Note.parse(signed).text, WITNESS.name, PRIVATE_KEY, time)


def test_a_witness_signs_nothing_but_checkpoints() -> None:
    with pytest.raises(FormatError):
        cosign("I owe you a hundred euros.\n", WITNESS.name, PRIVATE_KEY, 1)
