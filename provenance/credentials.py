"""Content Credentials: sign a finished MP4, and read what any file claims about itself.

Everything runs on a `c2pa.Context` of its own, never on the library's global settings: two
callers with different trust anchors cannot disturb each other.
"""

import hashlib
import json
import os
import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import c2pa

from provenance import confine
from provenance.credential_report import (
    CredentialReport,
    CredentialState,
    SoftBinding,
    summarise,
)
from provenance.manifest import Claim, definition, new_manifest_label
from provenance.signers import Signer
from provenance.strangers import text
from provenance.trust import SIGNER_USAGES, TrustSettings

__all__ = [
    "Claim",
    "CredentialReport",
    "CredentialState",
    "SignedAsset",
    "SigningError",
    "SoftBinding",
    "TrustSettings",
    "new_manifest_label",
    "read",
    "sign",
]

READ_SECONDS = 10
"""Longest time that reading one manifest may take; a file of 200 MB takes a third of a second."""

_READER = Path(__file__).with_name("_manifest_reader.py")
_READER_LIMITS = {
    "memory_bytes": 2 * 2**30,
    "seconds": READ_SECONDS,
    "output_bytes": 16 * 2**20,
}

# A verifier that fetches what a file tells it to fetch is an open proxy into its own network.
_OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": []},
}


class SigningError(RuntimeError):
    """No signed file was made; the message holds the signer's or the C2PA library's reason."""


@dataclass(frozen=True)
class SignedAsset:
    """A signed file. `manifest` is the raw JUMBF manifest store, kept to restore a stripped one."""

    path: Path
    sha256: str
    manifest_label: str
    certificate_serial: str
    manifest: bytes


def sign(src: Path, dst: Path, claim: Claim, signer: Signer) -> SignedAsset:
    """Write `src` (MP4) with a manifest for `claim` to `dst`.

    `dst` appears complete or not at all; an existing file is replaced.
    Raises SigningError when signing or time-stamping fails, OSError when files cannot be used.
    """
    part = dst.with_name(f".{dst.name}.{uuid.uuid4().hex}.part")
    try:
        with src.open("rb") as source, part.open("x+b") as target:
            manifest = _embed(source, target, claim, signer)
            target.flush()
            os.fsync(target.fileno())
            target.seek(0)
            sha256 = hashlib.file_digest(target, "sha256").hexdigest()
        part.replace(dst)
    finally:
        part.unlink(missing_ok=True)
    return SignedAsset(dst, sha256, claim.manifest_label, signer.certificate_serial, manifest)


def _embed(source: BinaryIO, target: BinaryIO, claim: Claim, signer: Signer) -> bytes:
    settings = _OFFLINE | {
        "trust": {"trust_config": SIGNER_USAGES},
        "builder": {"thumbnail": {"enabled": False}},
    }
    signer.take_failure()
    try:
        with (
            c2pa.Context.from_dict(settings) as context,
            c2pa.Builder(definition(claim), context=context) as builder,
        ):
            manifest: bytes = builder.sign(signer.native, "video/mp4", source, target)
    except c2pa.C2paError as error:
        cause = signer.take_failure()
        raise SigningError(
            f"the signer failed: {cause}" if cause else f"the file cannot be signed: {error}"
        ) from (cause or error)
    return manifest


def read(path: Path, trust: TrustSettings) -> CredentialReport:
    """Read and validate the manifest of any file, offline; hostile content never raises.

    The C2PA library parses in a child process that is killed after READ_SECONDS: small files exist
    that would keep it busy for hours. Such a file is reported as unreadable.
    Raises OSError only when `path` itself cannot be opened.
    """
    attempts = [(name, _OFFLINE | {"trust": settings}) for name, settings in trust.attempts()]
    with (
        path.open("rb") as file,
        tempfile.TemporaryFile("w+") as question,
        tempfile.TemporaryFile() as answer,
    ):
        json.dump(attempts, question)
        question.flush()
        question.seek(0)
        status = confine.run(
            _READER,
            [str(question.fileno()), json.dumps(_READER_LIMITS)],
            source=file,
            output=answer,
            wall_seconds=READ_SECONDS,
            pass_fds=(question.fileno(),),
        )
        answer.seek(0)
        return _report(answer.read(), status)


def _report(answer: bytes, status: int | None) -> CredentialReport:
    if status is None:
        return CredentialReport("unreadable", error="reading the manifest takes too long")
    try:
        found = json.loads(answer)
        if "store" in found:
            report = summarise(json.loads(found["store"]), found["trusted_by"])
            return replace(report, manifest_sha256=found["sha256"])
        return CredentialReport(found["state"], error=text(found.get("error")))
    except (ValueError, RecursionError):
        return CredentialReport("unreadable", error=f"the reader gave up (status {status})")
