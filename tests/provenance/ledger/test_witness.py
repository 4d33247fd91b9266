"""What a log sends to a witness and gets back, with a witness made of the same parts."""

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.checkpoint import open_checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign, cosignatures
from provenance.ledger.errors import FormatError, LedgerError, SignatureError
from provenance.ledger.note import Note, NoteSigner
from provenance.ledger.proofs import consistency_proof, verify_consistency
from provenance.ledger.witness import AddCheckpoint, add_cosignatures

# The example of C2SP tlog-witness, "add-checkpoint".
REQUEST = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa \
opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""

PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = WitnessKey("witness.example/w1", PRIVATE_KEY.public_key().public_bytes_raw())
OTHER = WitnessKey("witness.example/w2", bytes(32))


def test_the_example_of_the_specification() -> None:
    request = AddCheckpoint.parse(REQUEST.encode())
    assert request.old_size == 20852014
    assert [each.hex()[:4] for each in request.proof] == ["3e54", "8eb2", "e7ea", "ffa5"]
    assert request.signed.startswith(b"example.com/behind-the-sofa\n20852163\n")
    assert request.encode() == REQUEST.encode()


def test_a_first_request_has_no_proof(signed: bytes) -> None:
    request = AddCheckpoint(0, (), signed)
    assert request.encode() == b"old 0\n\n" + signed
    assert AddCheckpoint.parse(request.encode()) == request


def test_a_witness_follows_the_log(definition, stored_log, signed: bytes, signer: NoteSigner):
    proof = tuple(consistency_proof(stored_log.reader, 77, 300))
    body = AddCheckpoint(77, proof, signed).encode()

    request = AddCheckpoint.parse(body)
    checkpoint, note = open_checkpoint(request.signed, [signer.verifier_key])
    verify_consistency(77, checkpoint.size, request.proof, definition.mth(0, 77), checkpoint.root)
    response = f"{cosign(note.text, WITNESS.name, PRIVATE_KEY, 1234)}\n".encode()

    witnessed = add_cosignatures(signed, response, [OTHER, WITNESS])
    assert witnessed == signed + response
    checkpoint, note = open_checkpoint(witnessed, [signer.verifier_key])
    assert cosignatures(note, [OTHER, WITNESS]) == {WITNESS: 1234}


def test_only_known_witnesses_are_added_and_once(signed: bytes) -> None:
    text = Note.parse(signed).text
    known = f"{cosign(text, WITNESS.name, PRIVATE_KEY, 1)}\n".encode()
    unknown = f"{cosign(text, 'stranger.example', PRIVATE_KEY, 1)}\n".encode()
    assert add_cosignatures(signed, unknown + known, [WITNESS]) == signed + known
    assert add_cosignatures(signed, known + known, [WITNESS]) == signed + known
    later = f"{cosign(text, WITNESS.name, PRIVATE_KEY, 2)}\n".encode()
    assert add_cosignatures(signed, later + known, [WITNESS, WITNESS]) == signed + later
    with pytest.raises(SignatureError, match="no known witness"):
        add_cosignatures(signed, unknown, [WITNESS])
    elsewhere = cosign(text.replace("300", "301"), WITNESS.name, PRIVATE_KEY, 1)
    with pytest.raises(SignatureError, match="is false"):
        add_cosignatures(signed, f"{elsewhere}\n".encode(), [WITNESS])


@pytest.mark.parametrize("response", [b"", b"\n", b"300\n", b"\xff\n", b"x\n\n\xe2\x80\x94 a b\n"])
def test_malformed_responses_are_refused(response: bytes, signed: bytes) -> None:
    with pytest.raises(FormatError):
        add_cosignatures(signed, response, [WITNESS])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 1",
        REQUEST.replace("old 20852014", "20852014"),
        REQUEST.replace("old 20852014", "old  20852014"),
        REQUEST.replace("old 20852014", "old 020852014"),
        REQUEST.replace("old 20852014", "old 20852164"),  # above the new size
        REQUEST.replace("old 20852014\n", "old 20852014\n\n"),
        REQUEST.replace("PlRN", "PlR"),
        REQUEST.replace("PlRN", ""),
        REQUEST.replace("old 20852014\n", "old 20852014\n" + 60 * f"{'A' * 43}=\n"),
        REQUEST.replace("\n", "\r\n"),
        REQUEST.replace("20852163", "x"),
    ],
)
def test_malformed_requests_are_refused(body: str) -> None:
    with pytest.raises(FormatError):
        AddCheckpoint.parse(body.encode())


def test_impossible_requests_are_not_made(signed: bytes) -> None:
    for old_size, proof in [(-1, ()), (301, ()), (1, (b"short",)), (1, (bytes(32),) * 64)]:
        with pytest.raises(FormatError):
            AddCheckpoint(old_size, proof, signed)


@given(st.integers(0, len(REQUEST)), st.integers(0, 40), st.binary(max_size=5))
def test_a_mangled_request_is_read_as_it_stands_or_refused(at: int, cut: int, put: bytes) -> None:
    data = REQUEST.encode()
    mangled = data[:at] + put + data[at + cut :]
    with contextlib.suppress(LedgerError):
        assert AddCheckpoint.parse(mangled).encode() == mangled
