import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance import certificates
from provenance.certificates import CertificateError, CertificateFiles, create_development_ca


def leaf_of(files: CertificateFiles) -> x509.Certificate:
    return x509.load_pem_x509_certificates(files.chain.read_bytes())[0]


def test_leaf_follows_the_c2pa_certificate_profile(development_ca: CertificateFiles) -> None:
    leaf = leaf_of(development_ca)
    extensions = leaf.extensions

    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    assert {
        oid.dotted_string for oid in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    } == {
        "1.3.6.1.4.1.62558.2.1",
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
    }
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert leaf.version is x509.Version.v3
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=366)
    assert "do not trust" in leaf.subject.rfc4514_string()


def test_chain_leads_from_leaf_to_root(development_ca: CertificateFiles) -> None:
    leaf, intermediate = x509.load_pem_x509_certificates(development_ca.chain.read_bytes())
    root = x509.load_pem_x509_certificate(development_ca.root.read_bytes())
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)


def test_keys_are_private_to_their_owner(development_ca: CertificateFiles) -> None:
    for name in ("key.pem", "issuer-key.pem"):
        mode = (development_ca.key.parent / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
    assert development_ca.key.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")  # PKCS#8


def test_second_call_changes_nothing(tmp_path: Path) -> None:
    files = create_development_ca(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert create_development_ca(tmp_path) == files
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_parallel_first_runs_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: create_development_ca(tmp_path), range(4)))
    files = create_development_ca(tmp_path)
    key = load_pem_private_key(files.key.read_bytes(), password=None)
    assert leaf_of(files).public_key() == key.public_key()


def test_another_algorithm_gets_a_new_leaf_under_the_same_root(tmp_path: Path) -> None:
    root = create_development_ca(tmp_path, algorithm="es256").root.read_bytes()
    files = create_development_ca(tmp_path, algorithm="ed25519")
    assert files.root.read_bytes() == root
    assert isinstance(leaf_of(files).public_key(), ed25519.Ed25519PublicKey)


def test_leaf_close_to_expiry_is_renewed_under_the_same_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "_LEAF_LIFETIME", timedelta(days=20))
    files = create_development_ca(tmp_path)
    root, old = files.root.read_bytes(), leaf_of(files)
    monkeypatch.undo()

    new = leaf_of(create_development_ca(tmp_path))
    assert new.serial_number != old.serial_number
    assert new.not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)
    assert files.root.read_bytes() == root


def test_key_that_does_not_fit_the_leaf_is_replaced(tmp_path: Path) -> None:
    """The state that a crash between the two writes leaves behind."""
    files = create_development_ca(tmp_path)
    stray = certificates._pem(ec.generate_private_key(ec.SECP256R1()))
    files.key.write_bytes(stray)
    key = load_pem_private_key(create_development_ca(tmp_path).key.read_bytes(), password=None)
    assert leaf_of(files).public_key() == key.public_key()


@pytest.mark.parametrize("name", ["root.pem", "chain.pem", "key.pem"])
def test_damaged_files_are_named_not_overwritten(tmp_path: Path, name: str) -> None:
    create_development_ca(tmp_path)
    (tmp_path / name).write_text("not PEM")
    with pytest.raises(CertificateError, match="move that folder away"):
        create_development_ca(tmp_path)
    assert (tmp_path / name).read_text() == "not PEM"
