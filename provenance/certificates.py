"""A certificate authority for development, made on first run.

Signing needs a certificate chain. In production an operator brings one from a CA of the C2PA
trust list; on a developer's machine this module makes one whose names say that nobody should
trust it. The leaf follows the C2PA certificate profile (C2PA 2.3 §14):
v3, critical key usage digitalSignature + nonRepudiation, extended key usage claimSigning *and*
emailProtection (c2pa-rs rejects claimSigning alone under its default settings), subject and
authority key identifiers, CA=FALSE, at most 366 days.

The root signs one intermediate and its key is then thrown away. The intermediate's key stays, so
that a renewed leaf still chains to the root that earlier videos are checked against.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Algorithm = Literal["es256", "ed25519"]
_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_CLAIM_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")  # c2pa-kp-claimSigning
_ORGANISATION = "Signet Development CA - do not trust"
_AUTHORITY_LIFETIME = timedelta(days=3650)
_LEAF_LIFETIME = timedelta(days=365)
_RENEW_BEFORE_EXPIRY = timedelta(days=30)
# A certificate issued "now" must already be valid on a machine whose clock lags a little.
_CLOCK_SKEW = timedelta(minutes=5)


class CertificateError(Exception):
    """The files of the development CA cannot be used; the message says what to do."""


@dataclass(frozen=True)
class CertificateFiles:
    """Paths of PEM files: the trust anchor, the chain (leaf, then intermediate), the leaf's key."""

    root: Path
    chain: Path
    key: Path


def create_development_ca(folder: Path, *, algorithm: Algorithm = "es256") -> CertificateFiles:
    """Make the development CA in `folder`, or return the one that is there.

    Idempotent and safe to call from several processes at once. A leaf that is missing, expires
    within 30 days or has another algorithm is replaced under the same root.

    Writes `root.pem`, `chain.pem`, `key.pem` (PKCS#8, mode 0600) and `issuer-key.pem` (the
    intermediate's key, mode 0600).

    Raises CertificateError when files in `folder` are damaged or do not belong together.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = CertificateFiles(folder / "root.pem", folder / "chain.pem", folder / "key.pem")
    issuer_key = folder / "issuer-key.pem"
    with _exclusive(folder / ".lock"):
        if _usable_leaf(files, algorithm):
            return files
        if files.root.exists() and files.chain.exists() and issuer_key.exists():
            intermediate, key = _load_chain(files)[1], _load_key(issuer_key)
        else:
            root, intermediate, key = _new_authority()
            _write(issuer_key, _pem(key), mode=0o600)
            _write(files.root, root.public_bytes(Encoding.PEM))
        leaf_key = _new_key(algorithm)
        leaf = _issue_leaf(leaf_key, intermediate, key)
        # Key first: a crash in between leaves a key that matches no leaf, which the next call sees.
        _write(files.key, _pem(leaf_key), mode=0o600)
        _write(files.chain, b"".join(c.public_bytes(Encoding.PEM) for c in (leaf, intermediate)))
    return files


@contextmanager
def _exclusive(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _usable_leaf(files: CertificateFiles, algorithm: Algorithm) -> bool:
    """Whether the leaf on disk matches its key and `algorithm` and stays valid for a while."""
    if not (files.root.exists() and files.chain.exists() and files.key.exists()):
        return False
    leaf, key = _load_chain(files)[0], _load_key(files.key)
    return (
        isinstance(key, _KEY_TYPES[algorithm])
        and leaf.public_key() == key.public_key()
        and leaf.not_valid_after_utc > datetime.now(UTC) + _RENEW_BEFORE_EXPIRY
    )


_KEY_TYPES: dict[Algorithm, type[_PrivateKey]] = {
    "es256": ec.EllipticCurvePrivateKey,
    "ed25519": ed25519.Ed25519PrivateKey,
}


def _new_key(algorithm: Algorithm) -> _PrivateKey:
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _new_authority() -> tuple[x509.Certificate, x509.Certificate, _PrivateKey]:
    """A self-signed root, an intermediate under it, and the intermediate's key."""
    root_key, key = _new_key("es256"), _new_key("es256")
    root_name, name = _name("Root"), _name("Intermediate")
    root = _authority_builder(root_name, root_name, root_key, root_key, path_length=1)
    intermediate = _authority_builder(name, root_name, key, root_key, path_length=0)
    return (
        root.sign(root_key, hashes.SHA256()),
        intermediate.sign(root_key, hashes.SHA256()),
        key,
    )


def _authority_builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: _PrivateKey,
    issuer_key: _PrivateKey,
    *,
    path_length: int,
) -> x509.CertificateBuilder:
    return (
        _builder(subject, issuer, key, issuer_key, _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(certificate_signing=True), critical=True)
    )


def _issue_leaf(
    key: _PrivateKey, issuer: x509.Certificate, issuer_key: _PrivateKey
) -> x509.Certificate:
    return (
        _builder(_name("Claim Signer"), issuer.subject, key, issuer_key, _LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificate_signing=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([_CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: _PrivateKey,
    issuer_key: _PrivateKey,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - _CLOCK_SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )


def _key_usage(*, certificate_signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificate_signing,
        content_commitment=not certificate_signing,  # the newer name of nonRepudiation
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(role: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Signet Development {role}"),
        ]
    )


def _load_chain(files: CertificateFiles) -> list[x509.Certificate]:
    """Leaf and intermediate, checked to hang under the root."""
    try:
        root = x509.load_pem_x509_certificate(files.root.read_bytes())
        leaf, intermediate = x509.load_pem_x509_certificates(files.chain.read_bytes())
        leaf.verify_directly_issued_by(intermediate)
        intermediate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise _damaged(files.chain.parent) from error
    return [leaf, intermediate]


def _load_key(path: Path) -> _PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise _damaged(path.parent) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise _damaged(path.parent)
    return key


def _damaged(folder: Path) -> CertificateError:
    return CertificateError(
        f"the development certificates in {folder} are damaged or do not belong together; "
        "move that folder away to have new ones made (videos signed so far then count as "
        "signed by an unknown party)"
    )


def _pem(key: _PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` in one step; never a moment in which a key is readable by others."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
