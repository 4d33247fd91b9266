import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from provenance.certificates import CertificateFiles
from provenance.credentials import Claim, SigningError, TrustSettings, read, sign
from provenance.signers import Signer, SignerError, callback_signer, pem_signer

ClaimMaker = Callable[..., Claim]


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])


def issue(folder: Path, key: object) -> tuple[Path, Path, TrustSettings]:
    """A leaf for `key` straight under a new root: chain file, key file, trust in that root."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) - timedelta(minutes=1)

    def builder(subject: str, public: object) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Test Root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=2))
        )

    usage = {
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "encipher_only": False,
        "decipher_only": False,
        "crl_sign": False,
    }
    root = (
        builder("Test Root", root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False, content_commitment=False, key_cert_sign=True, **usage
            ),
            critical=True,
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        builder("Test Signer", key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_cert_sign=False, **usage
            ),
            critical=True,
        )
        # Claim signing without e-mail protection: what the certificates of the C2PA trust list
        # may look like, and what the library rejects under its default settings.
        .add_extension(
            x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    chain, key_file = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(leaf.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain, key_file, TrustSettings((root.public_bytes(Encoding.PEM).decode(),))


@pytest.mark.parametrize(
    ("make_key", "algorithm"),
    [
        (lambda: ec.generate_private_key(ec.SECP256R1()), "es256"),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "es384"),
        (lambda: ec.generate_private_key(ec.SECP521R1()), "es512"),
        (lambda: rsa.generate_private_key(65537, 2048), "ps256"),
        (ed25519.Ed25519PrivateKey.generate, "ed25519"),
    ],
)
def test_key_decides_the_algorithm_and_signs(
    tmp_path: Path,
    plain_video: Path,
    make_claim: ClaimMaker,
    make_key: Callable[[], object],
    algorithm: str,
) -> None:
    chain, key, trust = issue(tmp_path, make_key())
    signer = pem_signer(chain, key)
    asset = sign(plain_video, tmp_path / "signed.mp4", make_claim(), signer)
    report = read(asset.path, trust)
    assert signer.algorithm == algorithm
    assert (report.state, report.failure) == ("trusted", ())
    assert report.certificate_serial == signer.certificate_serial


def test_callback_sees_the_bytes_and_may_answer_der_or_raw(
    tmp_path: Path,
    plain_video: Path,
    make_claim: ClaimMaker,
    development_ca: CertificateFiles,
    trust: TrustSettings,
) -> None:
    key = load_pem_private_key(development_ca.key.read_bytes(), password=None)
    seen: list[bytes] = []

    def der(data: bytes) -> bytes:
        seen.append(data)
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    def raw(data: bytes) -> bytes:
        return b"".join(n.to_bytes(32, "big") for n in decode_dss_signature(der(data)))

    for number, sign_bytes in enumerate((der, raw)):
        signer = callback_signer(sign_bytes, development_ca.chain.read_bytes(), "ES256")
        asset = sign(plain_video, tmp_path / f"{number}.mp4", make_claim(), signer)
        assert read(asset.path, trust).state == "trusted"
    assert all(len(data) > 64 for data in seen)  # the structure itself, not its digest


def test_exception_in_the_callback_surfaces_with_its_own_message(
    tmp_path: Path, plain_video: Path, make_claim: ClaimMaker, development_ca: CertificateFiles
) -> None:
    def refuse(data: bytes) -> bytes:
        raise ConnectionError("key alias/video-signing is disabled")

    signer = callback_signer(refuse, development_ca.chain.read_bytes(), "es256")
    with pytest.raises(SigningError, match="key alias/video-signing is disabled") as caught:
        sign(plain_video, tmp_path / "signed.mp4", make_claim(), signer)
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert list(tmp_path.iterdir()) == []


def test_wrong_signature_never_becomes_a_file(
    tmp_path: Path, plain_video: Path, make_claim: ClaimMaker, development_ca: CertificateFiles
) -> None:
    signer = callback_signer(lambda _: bytes(64), development_ca.chain.read_bytes(), "es256")
    with pytest.raises(SigningError, match="signature"):
        sign(plain_video, tmp_path / "signed.mp4", make_claim(), signer)
    assert list(tmp_path.iterdir()) == []


def test_one_signer_serves_many_threads_and_keeps_their_failures_apart(
    tmp_path: Path,
    plain_video: Path,
    make_claim: ClaimMaker,
    development_ca: CertificateFiles,
    trust: TrustSettings,
) -> None:
    key = load_pem_private_key(development_ca.key.read_bytes(), password=None)
    unlucky = threading.local()

    def sometimes(data: bytes) -> bytes:
        if unlucky.number % 3 == 0:
            raise RuntimeError(f"refused number {unlucky.number}")
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    signer = callback_signer(sometimes, development_ca.chain.read_bytes(), "es256")

    def attempt(number: int) -> str:
        unlucky.number = number
        try:
            asset = sign(plain_video, tmp_path / f"{number}.mp4", make_claim(), signer)
        except SigningError as error:
            return str(error)
        return read(asset.path, trust).state

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(24)))
    assert outcomes == [
        f"the signer failed: refused number {n}" if n % 3 == 0 else "trusted" for n in range(24)
    ]


def test_key_of_another_certificate_is_refused(
    tmp_path: Path, development_ca: CertificateFiles
) -> None:
    _, stray, _ = issue(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(SignerError, match="not the one of the leaf"):
        pem_signer(development_ca.chain, stray)


def test_encrypted_key_is_refused_with_advice(
    tmp_path: Path, development_ca: CertificateFiles
) -> None:
    key = load_pem_private_key(development_ca.key.read_bytes(), password=None)
    encrypted = tmp_path / "key.pem"
    encrypted.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    )
    with pytest.raises(SignerError, match="callback signer"):
        pem_signer(development_ca.chain, encrypted)


def test_key_type_that_c2pa_does_not_know_is_refused(tmp_path: Path) -> None:
    chain, key, _ = issue(tmp_path, dsa.generate_private_key(2048))
    with pytest.raises(SignerError, match="P-256"):
        pem_signer(chain, key)


def test_files_that_are_not_pem_are_refused(
    tmp_path: Path, development_ca: CertificateFiles
) -> None:
    text = tmp_path / "text.pem"
    text.write_text("hello")
    with pytest.raises(SignerError, match="no private key"):
        pem_signer(development_ca.chain, text)
    with pytest.raises(SignerError, match="chain is not PEM"):
        pem_signer(text, development_ca.key)


def test_algorithm_must_fit_the_certificate(development_ca: CertificateFiles) -> None:
    for algorithm in ("ps256", "es384", "ed25519", "rs256", ""):
        with pytest.raises(SignerError, match="does not fit"):
            callback_signer(bytes, development_ca.chain.read_bytes(), algorithm)


def test_time_stamp_address_must_be_http(development_ca: CertificateFiles) -> None:
    with pytest.raises(SignerError, match="TSA URL"):
        pem_signer(development_ca.chain, development_ca.key, tsa_url="ftp://tsa.example")


def test_signer_says_who_it_is(signer: Signer, development_ca: CertificateFiles) -> None:
    leaf = x509.load_pem_x509_certificates(development_ca.chain.read_bytes())[0]
    assert signer.algorithm == "es256"
    assert signer.certificate_serial == str(leaf.serial_number)
