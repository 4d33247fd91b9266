"""Checkpoints."""

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from provenance.ledger.errors import FormatError, LedgerError, SignatureError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.merkle import EMPTY_ROOT
from provenance.ledger.note import Note, NoteSigner

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TEXT = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"  # the specification's example

# From the tests of github.com/FiloSottile/torchwood: what a Sigsum log sent to a witness.
SIGSUM_ORIGIN = (
    "sigsum.org/v1/tree/985ea163f5af026723561354f51f2ebcdcf2af809ce254ccfb64aa9aadd80f90"
)
SIGSUM_KEY = VerifierKey(
    SIGSUM_ORIGIN,
    bytes.fromhex("52c05edad1bf5feffa81354faae59a655d9a9a1a793ed2f62c39c26c0be2aecd"),
)
SIGSUM_CHECKPOINT = (
    f"{SIGSUM_ORIGIN}\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
    f"— {SIGSUM_ORIGIN} 7BKT0gOfNZ1J0So9unY3BZtm2YkPIoNYM/dce0Z2avJDs8dxN6ts9bOSwwrVrbjm6P9K3Zxp"
    "K6jJngOG6YvGGzV/lwo=\n"
).encode()


def test_the_example_of_the_specification() -> None:
    checkpoint = Checkpoint.parse(TEXT)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.extensions == ()
    assert checkpoint.text == TEXT


def test_a_checkpoint_of_another_log_software_opens() -> None:
    checkpoint, note = open_checkpoint(SIGSUM_CHECKPOINT, [SIGSUM_KEY])
    assert (checkpoint.size, checkpoint.root) == (1, b"\x2a" + bytes(31))
    assert note.encode() == SIGSUM_CHECKPOINT
    assert Checkpoint.parse_signed(SIGSUM_CHECKPOINT) == checkpoint


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), max_size=3),
)
def test_a_checkpoint_reads_back(origin: str, size: int, root: bytes, more: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(more))
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_the_log_signs_and_its_key_opens(signer: NoteSigner) -> None:
    checkpoint = Checkpoint(signer.name, 0, EMPTY_ROOT)
    opened, note = open_checkpoint(sign_checkpoint(checkpoint, signer), [signer.verifier_key])
    assert opened == checkpoint
    assert len(note.signatures) == 1


def test_a_log_signs_only_for_itself(signer: NoteSigner) -> None:
    with pytest.raises(FormatError):
        sign_checkpoint(Checkpoint("other.example/log", 0, EMPTY_ROOT), signer)


def test_a_key_is_trusted_for_its_own_log_only(signer: NoteSigner) -> None:
    text = Checkpoint("other.example/log", 0, EMPTY_ROOT).text
    forged = Note(text, (signer.sign(text),)).encode()
    with pytest.raises(SignatureError, match=r"no known key of the log other\.example/log"):
        open_checkpoint(forged, [signer.verifier_key])


def test_a_log_may_change_its_key(signer: NoteSigner, signed: bytes) -> None:
    successor = NoteSigner(signer.name, Ed25519PrivateKey.from_private_bytes(b"n" * 32))
    keys = [successor.verifier_key, signer.verifier_key]
    assert open_checkpoint(signed, keys)[0].size == 300
    with pytest.raises(SignatureError):
        open_checkpoint(signed, keys[:1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        TEXT[:-1],
        TEXT + "\n",
        "\n" + TEXT,
        TEXT.replace("example.com/behind-the-sofa\n", ""),
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "+20852163"),
        TEXT.replace("20852163", " 20852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "1e3"),
        TEXT.replace("20852163", "2_0"),
        TEXT.replace("20852163", "٣"),
        TEXT.replace("20852163", ""),
        TEXT.replace("20852163", str(2**63)),
        TEXT.replace("20852163", "9" * 5000),
        TEXT.replace("20852163", "0"),  # not the root of the empty tree
        TEXT.replace(ROOT, ROOT[:-1]),
        TEXT.replace(ROOT, ROOT[4:]),
        TEXT.replace(ROOT, "A" + ROOT),
        TEXT.replace("q2I=", "q2J="),
        TEXT.replace("Xajj7", "Xaj_7"),
        TEXT + "extension\n\nextension\n",
        TEXT.replace("sofa", "so\tfa"),
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "values",
    [
        ("", 1, bytes(32)),
        ("two\nlines", 1, bytes(32)),
        ("a", -1, bytes(32)),
        ("a", 2**63, bytes(32)),
        ("a", 1, bytes(31)),
        ("a", 0, bytes(32)),
        ("a", 1, bytes(32), ("",)),
        ("a", 1, bytes(32), ("b\n",)),
    ],
)
def test_impossible_checkpoints_are_not_made(values: tuple) -> None:
    with pytest.raises(FormatError):
        Checkpoint(*values)


@given(st.text(alphabet="a0159=+/\n\t", max_size=80) | st.text(max_size=80))
def test_any_text_is_a_checkpoint_or_refused(text: str) -> None:
    with contextlib.suppress(FormatError):
        assert Checkpoint.parse(text).text == text


@given(st.integers(0, len(SIGSUM_CHECKPOINT)), st.integers(0, 90), st.binary(max_size=4))
def test_a_mangled_checkpoint_opens_unchanged_or_not_at_all(at: int, cut: int, put: bytes) -> None:
    mangled = SIGSUM_CHECKPOINT[:at] + put + SIGSUM_CHECKPOINT[at + cut :]
    with contextlib.suppress(LedgerError):
        open_checkpoint(mangled, [SIGSUM_KEY])
        assert mangled == SIGSUM_CHECKPOINT
