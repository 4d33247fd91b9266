"""Signed notes and their keys: the published examples, and everything malformed."""

import base64
import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.errors import FormatError, LedgerError, SignatureError
from provenance.ledger.keys import VerifierKey
from provenance.ledger.note import Note, NoteSigner, Signature, open_note

# Of the documentation of Go's golang.org/x/mod/sumdb/note.
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETERS_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETERS_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
ENOCH = VerifierKey.parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
ENOCHS_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{PETERS_LINE}{ENOCHS_LINE}".encode()

# The test vector of C2SP signed-note.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOOS_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONn"
    "cAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def test_the_example_of_go_is_signed_to_the_byte() -> None:
    signer = NoteSigner("PeterNeumann", Ed25519PrivateKey.from_private_bytes(PETERS_SEED))
    assert signer.verifier_key == PETER
    assert Note(TEXT, (signer.sign(TEXT),)).encode() == f"{TEXT}\n{PETERS_LINE}".encode()


def test_the_example_of_go_opens() -> None:
    note, signers = open_note(NOTE, [ENOCH, PETER])
    assert note.text == TEXT
    assert signers == [ENOCH, PETER]
    assert [f"{signature}\n" for signature in note.signatures] == [PETERS_LINE, ENOCHS_LINE]
    assert note.encode() == NOTE


def test_the_example_of_the_specification_opens() -> None:
    key = VerifierKey.parse(FOO)
    assert key.name == "example.com/foo"
    assert key.key_id.hex() == "530d903a"
    assert open_note(FOOS_NOTE.encode(), [key])[0].text == "This is an example message.\n"


def test_signatures_of_unknown_keys_are_ignored() -> None:
    assert open_note(NOTE, [PETER])[1] == [PETER]
    false_line = ENOCHS_LINE.replace("/5n2t", "/5n3t")
    assert open_note(f"{TEXT}\n{PETERS_LINE}{false_line}".encode(), [PETER])[1] == [PETER]
    namesake = VerifierKey("PeterNeumann", ENOCH.public_key)  # another key ID
    with pytest.raises(SignatureError, match="no known key"):
        open_note(NOTE, [namesake])
    with pytest.raises(SignatureError, match="no known key"):
        open_note(NOTE, [])


def test_one_false_signature_of_a_known_key_spoils_the_note() -> None:
    for line in (
        PETERS_LINE.replace("/ZJku", "/ZJkv"),
        PETERS_LINE.replace("x08go/", "x08go/AAAA"),
        f"— PeterNeumann {base64.b64encode(PETER.key_id + b'short').decode()}\n",
    ):
        assert line != PETERS_LINE
        for lines in (line, line + ENOCHS_LINE, PETERS_LINE + line + ENOCHS_LINE):
            with pytest.raises(SignatureError, match="in the name of PeterNeumann is false"):
                open_note(f"{TEXT}\n{lines}".encode(), [ENOCH, PETER])


def test_no_change_to_the_text_goes_unnoticed() -> None:
    for i in range(len(TEXT)):
        with pytest.raises(LedgerError):
            open_note(NOTE[:i] + bytes([NOTE[i] ^ 1]) + NOTE[i + 1 :], [PETER])


def test_a_text_may_have_empty_lines() -> None:
    signer = NoteSigner("a", Ed25519PrivateKey.from_private_bytes(PETERS_SEED))
    for text in ("\n", "\n\n\n", "one\n\ntwo\n\n", f"{TEXT}\n{PETERS_LINE}\n"):
        signed = Note(text, (signer.sign(text),)).encode()
        assert open_note(signed, [signer.verifier_key])[0].text == text


def test_a_hundred_signatures_and_no_more() -> None:
    assert open_note(f"{TEXT}\n{PETERS_LINE * 100}".encode(), [PETER])
    with pytest.raises(FormatError):
        open_note(f"{TEXT}\n{PETERS_LINE * 101}".encode(), [PETER])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}\n{PETERS_LINE[:-1]}".encode(),
        f"{TEXT}\n{PETERS_LINE}\n".encode(),
        f"{TEXT}\n{PETERS_LINE}Unexpected line.\n".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('—', '-')}".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('Peter', 'Peter ')}".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('Peter', 'Peter+')}".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('Peter', 'Peter' + chr(0x2003))}".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('PeterNeumann', '')}".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('AM=', 'AN=')}".encode(),  # sets a left-over bit
        f"{TEXT}\n{PETERS_LINE.replace('/', '_')}".encode(),
        f"{TEXT}\n{PETERS_LINE.replace('=', '')}".encode(),
        f"{TEXT}\n— PeterNeumann x08gow==\n".encode(),
        f"{TEXT}\n— PeterNeumann \n".encode(),
        b"\x01" + NOTE,
        b"\xff" + NOTE,
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace(b"crypto", b"cry\tpto"),
    ],
)
def test_malformed_notes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        Note.parse(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Note("no newline", (Signature("a", b"1234", b"5"),)),
        lambda: Note("text\n", ()),
        lambda: Note("\ud800\n", (Signature("a", b"1234", b"5"),)),
        lambda: Signature("a\nb", b"1234", b"5"),
        lambda: Signature("\ud800", b"1234", b"5"),
        lambda: Signature("a", b"123", b"5"),
        lambda: Signature("a", b"1234", b""),
        lambda: VerifierKey("a b", bytes(32)),
        lambda: VerifierKey("", bytes(32)),
        lambda: VerifierKey("a", bytes(31)),
    ],
)
def test_what_could_not_be_read_back_cannot_be_made(make) -> None:
    with pytest.raises(FormatError):
        make()


def test_a_key_reads_back_and_no_other_spelling_does() -> None:
    """The manglings that Go's own test tries, and upper case besides."""
    text = str(PETER)
    assert VerifierKey.parse(text) == PETER
    mangled = {text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1)} - {text}
    mangled |= {text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))}
    mangled |= {
        text.replace("c74f20a3", "C74F20A3"),
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    }
    for other in mangled:
        with pytest.raises(FormatError):
            VerifierKey.parse(other)


def test_a_key_may_have_plus_signs_in_its_base64() -> None:
    text = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"
    assert str(VerifierKey.parse(text)) == text


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    with contextlib.suppress(LedgerError):
        open_note(data, [PETER])


@given(st.integers(0, len(NOTE)), st.integers(0, 40), st.binary(max_size=5))
def test_a_mangled_note_opens_unchanged_or_not_at_all(at: int, cut: int, put: bytes) -> None:
    mangled = NOTE[:at] + put + NOTE[at + cut :]
    with contextlib.suppress(LedgerError):
        note, signers = open_note(mangled, [PETER])
        assert note.text == TEXT
        assert signers == [PETER]
        assert note.encode() == mangled


@given(st.text(max_size=80))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    with contextlib.suppress(FormatError):
        assert str(VerifierKey.parse(text)) == text
