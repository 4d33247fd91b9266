"""Proof files: what a user keeps and checks without asking the service."""

import base64
import contextlib
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.cosignature import WitnessKey, cosign, cosignatures
from provenance.ledger.errors import FormatError, LedgerError, ProofError, SignatureError
from provenance.ledger.note import NoteSigner
from provenance.ledger.proof_file import ProofFile, verify_entry
from provenance.ledger.proofs import inclusion_proof
from provenance.ledger.witness import add_cosignatures

INDEX = 200


@pytest.fixture(scope="module")
def proof_file(stored_log, signed: bytes) -> bytes:
    """The proof that entry 200 of the 300 is in the log."""
    proof = inclusion_proof(stored_log.reader, INDEX, 300)
    return ProofFile(INDEX, tuple(proof), signed).encode()


def test_every_entry_verifies(definition, stored_log, signed: bytes, signer: NoteSigner) -> None:
    for index, entry in enumerate(definition.entries):
        proof = inclusion_proof(stored_log.reader, index, 300)
        data = ProofFile(index, tuple(proof), signed).encode()
        verified = verify_entry(entry, data, [signer.verifier_key])
        assert verified.index == index
        assert (verified.checkpoint.origin, verified.checkpoint.size) == (signer.name, 300)
        assert verified.checkpoint.root == definition.mth(0, 300)


def test_the_format_is_that_of_the_specification(signed: bytes) -> None:
    """C2SP tlog-proof, "Format", as the tests of transparency-dev/formats spell it."""
    first, second = (hashlib.sha256(each).digest() for each in (b"hash1", b"hash2"))
    lines = [base64.b64encode(each) for each in (first, second)]
    assert ProofFile(5, (first, second), signed).encode() == b"\n".join(
        [b"c2sp.org/tlog-proof@v1", b"index 5", *lines, b"", signed]
    )
    assert ProofFile(10, (first,), signed, b"extra information").encode() == b"\n".join(
        [
            b"c2sp.org/tlog-proof@v1",
            b"extra " + base64.b64encode(b"extra information"),
            b"index 10",
            lines[0],
            b"",
            signed,
        ]
    )
    assert ProofFile(0, (), signed).encode() == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + signed


def test_a_file_reads_back(proof_file: bytes, signed: bytes) -> None:
    for extra in (b"", b"a", bytes(100)):
        written = ProofFile(3, (bytes(32), b"x" * 32), signed, extra)
        assert ProofFile.parse(written.encode()) == written
    assert ProofFile.parse(proof_file).index == INDEX


def test_witnesses_signatures_travel_along(
    definition, stored_log, signed: bytes, signer: NoteSigner
) -> None:
    private_key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    witness = WitnessKey("witness.example", private_key.public_key().public_bytes_raw())
    text = signed.split(b"\n\n")[0].decode() + "\n"
    response = f"{cosign(text, witness.name, private_key, 99)}\n".encode()
    data = ProofFile(
        0,
        tuple(inclusion_proof(stored_log.reader, 0, 300)),
        add_cosignatures(signed, response, [witness]),
    ).encode()
    verified = verify_entry(definition.entries[0], data, [signer.verifier_key])
    assert cosignatures(verified.note, [witness]) == {witness: 99}


def test_another_entry_or_place_is_not_proven(
    definition, proof_file: bytes, signer: NoteSigner
) -> None:
    keys = [signer.verifier_key]
    with pytest.raises(ProofError):
        verify_entry(definition.entries[INDEX + 1], proof_file, keys)
    for index in (b"0", b"199", b"201", b"300", b"9223372036854775807"):
        with pytest.raises(ProofError):
            verify_entry(
                definition.entries[INDEX],
                proof_file.replace(b"index 200", b"index " + index),
                keys,
            )


def test_a_stranger_cannot_vouch(definition, proof_file: bytes, signer: NoteSigner) -> None:
    stranger = NoteSigner(signer.name, Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    for keys in ([], [stranger.verifier_key]):
        with pytest.raises(SignatureError):
            verify_entry(definition.entries[INDEX], proof_file, keys)


def test_no_flipped_bit_goes_unnoticed(definition, proof_file: bytes, signer: NoteSigner) -> None:
    entry, keys = definition.entries[INDEX], [signer.verifier_key]
    for bit in range(8 * len(proof_file)):
        changed = bytearray(proof_file)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(LedgerError):
            verify_entry(entry, bytes(changed), keys)
    for bit in range(8 * len(entry)):
        changed = bytearray(entry)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofError):
            verify_entry(bytes(changed), proof_file, keys)


def test_no_truncation_goes_unnoticed(definition, proof_file: bytes, signer: NoteSigner) -> None:
    for end in range(len(proof_file)):
        with pytest.raises(LedgerError):
            verify_entry(definition.entries[INDEX], proof_file[:end], [signer.verifier_key])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"c2sp.org/tlog-proof@v1\n", b""),
        (b"@v1", b"@v2"),
        (b"index 200\n", b""),
        (b"index 200\n", b"\n"),
        (b"index 200", b"index  200"),
        (b"index 200", b"index 0200"),
        (b"index 200", b"index -1"),
        (b"index 200", b"index x"),
        (b"index 200", b"index 9223372036854775808"),
        (b"index 200", b"index 200\nindex 200"),
        (b"index 200", b"extra \nindex 200"),
        (b"index 200", b"extra !!!!\nindex 200"),
        (b"index 200", b"extra YQ==\nextra YQ==\nindex 200"),
        (b"index 200", b"index 200\nextra YQ=="),
        (b"index 200\n", b"index 200\n" + b"A" * 88 + b"\n"),
        (b"index 200\n", b"index 200\n\n"),
        (b"\n", b"\r\n"),
        (b"index", b"\xff"),
        (b"\n300\n", b"\n"),
    ],
)
def test_malformed_files_are_refused(old: bytes, new: bytes, proof_file: bytes) -> None:
    assert old in proof_file
    with pytest.raises(FormatError):
        ProofFile.parse(proof_file.replace(old, new))


def test_an_impossible_index_is_not_written(signed: bytes) -> None:
    for index in (-1, 2**63):
        with pytest.raises(FormatError):
            ProofFile(index, (), signed)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_proof_file_or_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        ProofFile.parse(b"c2sp.org/tlog-proof@v1\n" + data)


@given(at=st.integers(0, 800), cut=st.integers(0, 60), put=st.binary(max_size=5))
def test_a_mangled_file_is_read_as_it_stands_or_refused(
    at: int, cut: int, put: bytes, proof_file: bytes
) -> None:
    mangled = proof_file[:at] + put + proof_file[at + cut :]
    with contextlib.suppress(LedgerError):
        assert ProofFile.parse(mangled).encode() == mangled
