"""The secrets that make a video ours: signing certificate, trust anchors, watermark keys."""

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog

from api.settings import Settings
from provenance.certificates import create_development_ca
from provenance.credentials import TrustSettings
from provenance.signers import Signer, pem_signer

log = structlog.get_logger()

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """What signs and marks (trusted hosts only), and what the verifier trusts."""

    signer: Signer
    trust: TrustSettings
    watermark_keys: tuple[bytes, ...]  # the first one embeds, all are tried when reading


def load(settings: Settings) -> Keyring:
    """The configured secrets; in development, missing ones are made up on first use."""
    if settings.mode == "development" and settings.certificate_chain is None:
        files = create_development_ca(settings.data_dir / "certificates")
        chain, key, root = files.chain, files.key, files.root
    else:
        if not (settings.certificate_chain and settings.private_key and settings.trust_anchors):
            raise ValueError(
                "SIGNET_CERTIFICATE_CHAIN, SIGNET_PRIVATE_KEY and SIGNET_TRUST_ANCHORS go together"
            )
        chain, key = settings.certificate_chain, settings.private_key
        root = settings.trust_anchors
    return Keyring(
        signer=pem_signer(chain, key, tsa_url=settings.timestamp_url),
        trust=TrustSettings(anchors=(root.read_text(),)),
        watermark_keys=_watermark_keys(settings),
    )


def warn_if_insecure(settings: Settings) -> None:
    """Say loudly that what this process signs and marks is for development only."""
    if settings.certificate_chain is None:
        log.warning(
            "INSECURE: signing with a development certificate that nobody else trusts; set "
            "SIGNET_CERTIFICATE_CHAIN, SIGNET_PRIVATE_KEY and SIGNET_TRUST_ANCHORS"
        )
    if not settings.watermark_keys:
        log.warning(
            "INSECURE: marking with a development key that lies in a file; set "
            "SIGNET_WATERMARK_KEYS"
        )


def _watermark_keys(settings: Settings) -> tuple[bytes, ...]:
    if settings.watermark_keys:
        keys = tuple(bytes.fromhex(key.get_secret_value()) for key in settings.watermark_keys)
        if any(len(key) < _KEY_BYTES for key in keys):
            raise ValueError(f"SIGNET_WATERMARK_KEYS: each key needs {_KEY_BYTES} bytes of hex")
        return keys
    path = settings.data_dir / "watermark.key"
    if not path.exists():
        create_secret_file(path, secrets.token_hex(_KEY_BYTES))
    return (bytes.fromhex(path.read_text()),)


def create_secret_file(path: Path, text: str) -> None:
    """Write a file that only its owner can read; of two racing writers, the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(temporary)
    temporary.unlink()
