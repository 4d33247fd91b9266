"""The secrets that make a video ours: signing certificate, trust anchors, watermark keys."""

import contextlib
import os
import pkgutil
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from api.settings import Settings
from provenance import trust_lists
from provenance.certificates import create_development_ca
from provenance.credentials import TrustSettings
from provenance.ledger.note import NoteSigner
from provenance.signers import Signer, pem_signer

log = structlog.get_logger()

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """What signs and marks (trusted hosts only), and what the verifier trusts."""

    signer: Signer
    trust: TrustSettings
    watermark_keys: tuple[bytes, ...]  # the first one embeds, all are tried when reading


class KeyringError(Exception):
    """The configured secrets are missing, incomplete or unusable; the message says which."""


def load(settings: Settings) -> Keyring:
    """The configured secrets; in development, missing ones are made up on first use.

    Raises KeyringError, and SignerError, TrustListError or OSError for files that cannot be used.
    """
    if settings.mode == "production":
        _require_everything(settings)
    if settings.signer is None and settings.certificate_chain is None:
        files = create_development_ca(settings.data_dir / "certificates")
        signer = pem_signer(files.chain, files.key, tsa_url=settings.timestamp_url)
        root = files.root
    else:
        signer = _configured_signer(settings)
        if settings.trust_anchors is None:
            raise KeyringError("SIGNET_TRUST_ANCHORS is missing: the roots of your certificate")
        root = settings.trust_anchors
    return Keyring(
        signer=signer,
        trust=TrustSettings((root.read_text(),), trust_lists.load(settings.trust_lists_dir)),
        watermark_keys=watermark_keys(settings),
    )


def _require_everything(settings: Settings) -> None:
    signs = settings.signer or (settings.certificate_chain and settings.private_key)
    required = {
        "SIGNET_SIGNER or SIGNET_CERTIFICATE_CHAIN with SIGNET_PRIVATE_KEY": signs,
        "SIGNET_TRUST_ANCHORS": settings.trust_anchors,
        # Without a time stamp, every file is invalid once its certificate has expired. A signer of
        # the operator's own brings one or knows why not.
        "SIGNET_TIMESTAMP_URL": settings.timestamp_url or settings.signer,
        "SIGNET_WATERMARK_KEYS": settings.watermark_keys,
        "SIGNET_LOG_KEY": settings.log_key,
    }
    missing = [name for name, value in required.items() if not value]
    if missing:
        raise KeyringError(f"production mode needs {', '.join(missing)}")


def _configured_signer(settings: Settings) -> Signer:
    if settings.signer is not None:
        try:
            make = pkgutil.resolve_name(settings.signer)
        except (ValueError, ImportError, AttributeError) as error:
            raise KeyringError(f"SIGNET_SIGNER {settings.signer!r}: {error}") from error
        signer = make()
        if not isinstance(signer, Signer):
            raise KeyringError(f"SIGNET_SIGNER {settings.signer!r} did not return a Signer")
        return signer
    if settings.certificate_chain is None or settings.private_key is None:
        raise KeyringError("SIGNET_CERTIFICATE_CHAIN and SIGNET_PRIVATE_KEY go together")
    return pem_signer(
        settings.certificate_chain, settings.private_key, tsa_url=settings.timestamp_url
    )


def log_signer(settings: Settings) -> NoteSigner:
    """The key that signs the heads of the audit log, under the log's name; outside production one
    is made up on first use.

    Raises KeyringError where there is none, or none that can be used.
    """
    path = settings.log_key or settings.data_dir / "log.key"
    if not path.exists():
        if settings.mode == "production" or settings.log_key:
            raise KeyringError(
                f"there is no log key at {path}: set SIGNET_LOG_KEY to an Ed25519 key in PEM "
                "(openssl genpkey -algorithm ed25519)"
            )
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        create_secret_file(path, pem.decode())
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise KeyringError(f"{path} is no private key in PEM: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyringError(f"{path} is no Ed25519 key: openssl genpkey -algorithm ed25519")
    return NoteSigner(settings.log_origin, key)


def warn_if_insecure(settings: Settings) -> None:
    """Say loudly that what this process signs and marks is for development only."""
    made_up = []
    if settings.signer is None and settings.certificate_chain is None:
        made_up.append("a signing certificate that nobody else trusts")
    if not settings.watermark_keys:
        made_up.append("a watermark key that lies in a file")
    if made_up:
        log.warning(f"INSECURE, for development only: using {' and '.join(made_up)}")


def watermark_keys(settings: Settings, *, create: bool = True) -> tuple[bytes, ...]:
    """The keys of the mark, the one that embeds first; outside production one is made up on first
    use, if `create`.

    Raises KeyringError where there is none, or none that can be used.
    """
    if settings.watermark_keys:
        try:
            keys = tuple(bytes.fromhex(key.get_secret_value()) for key in settings.watermark_keys)
        except ValueError:
            raise KeyringError("SIGNET_WATERMARK_KEYS: each key is written in hex") from None
        if any(len(key) < _KEY_BYTES for key in keys):
            raise KeyringError(f"SIGNET_WATERMARK_KEYS: each key needs {_KEY_BYTES} bytes of hex")
        return keys
    path = settings.data_dir / "watermark.key"
    if not path.exists():
        if settings.mode == "production" or not create:
            raise KeyringError(
                f"there is no watermark key: set SIGNET_WATERMARK_KEYS, or keep {path}"
            )
        create_secret_file(path, secrets.token_hex(_KEY_BYTES))
    try:
        key = bytes.fromhex(path.read_text())
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        raise KeyringError(f"{path} is no watermark key: {_KEY_BYTES} bytes, written in hex")
    return (key,)


def create_secret_file(path: Path, text: str) -> None:
    """Write a file that only its owner can read; of two racing writers, the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(temporary)
    temporary.unlink()
