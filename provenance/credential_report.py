"""What a manifest store says, reduced to what a verifier needs.

The input is the JSON of a stranger's manifest: any field may be missing or have any shape, and
none of it may raise.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from provenance.ai_statement import (
    AiStatement,
    actions,
    ai_statement,
    assertions,
    metadata_source_types,
)
from provenance.strangers import LONGEST_TEXT, MOST_ITEMS, get, items, text
from provenance.trust import TrustedBy

CredentialState = Literal["absent", "invalid", "valid", "trusted", "unreadable"]


@dataclass(frozen=True)
class SoftBinding:
    """A watermark or fingerprint that a manifest names: algorithm and decoded value."""

    alg: str
    value: bytes


@dataclass(frozen=True)
class CredentialReport:
    """What a file's active manifest says, and whether it may be believed.

    state  absent      no manifest in the file, or a container that C2PA defines no place in
           unreadable  a manifest or container damaged beyond parsing, or a manifest that is only
                       referenced and would have to be fetched; `error` says which
           invalid     the file's bytes, the claim or the certificate do not fit the manifest
           valid       intact, but signed by someone whom nobody vouches for
           trusted     intact, and `trusted_by` vouches for the signer

    `manifest_sha256` (hexadecimal) is of all bytes of the manifest store in an MP4, signed or not.
    `success`, `failure`, `informational` are C2PA status codes (2.3 §15.2), each once.
    `time_stamp` (RFC 3339) is filled only when a trusted authority vouches for it.
    `ai` is what the manifest says about AI, `digital_source_type` the first source type in it,
    whatever it is; believe both as far as `state` goes.
    """

    state: CredentialState
    trusted_by: TrustedBy | None = None
    manifest_label: str | None = None
    manifest_sha256: str | None = None
    claim_generator: str | None = None
    signature_issuer: str | None = None
    certificate_serial: str | None = None
    time_stamp: str | None = None
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    informational: tuple[str, ...] = ()
    digital_source_type: str | None = None
    ai: AiStatement | None = None
    soft_bindings: tuple[SoftBinding, ...] = ()
    error: str | None = None

    @property
    def ai_generated(self) -> bool:
        """Whether the manifest says that AI made this or a part of it, not just an ingredient."""
        return self.ai is not None and self.ai.use != "ingredient"


def summarise(store: Any, trusted_by: TrustedBy | None = None) -> CredentialReport:
    """The report on a manifest store as `c2pa.Reader.json` prints it, whose signer `trusted_by`
    vouches for."""
    states: dict[str, CredentialState] = {
        "Trusted": "trusted",
        "Valid": "valid",
        "Invalid": "invalid",
    }
    label = text(get(store, "active_manifest"))
    manifest = get(store, "manifests", label)
    signature = get(manifest, "signature_info")
    results = get(store, "validation_results", "activeManifest")
    success = _codes(results, "success")
    failure = _codes(results, "failure")
    # An unknown state is a newer library's: never more than invalid.
    state = states.get(str(get(store, "validation_state")), "invalid")
    if state == "trusted" and trusted_by is None:  # the library is content with any list
        state = "valid"
        success = tuple(code for code in success if code != "signingCredential.trusted")
        failure = (*failure, "signingCredential.untrusted")
    return CredentialReport(
        state=state,
        trusted_by=trusted_by if state == "trusted" else None,
        manifest_label=label,
        claim_generator=_claim_generator(manifest),
        signature_issuer=text(get(signature, "issuer")),
        certificate_serial=text(get(signature, "cert_serial_number")),
        time_stamp=text(get(signature, "time")) if _time_is_trusted(results) else None,
        success=success,
        failure=failure,
        informational=_codes(results, "informational"),
        digital_source_type=next(_source_types(manifest), None),
        ai=ai_statement(store),
        soft_bindings=tuple(_soft_bindings(manifest))[:MOST_ITEMS],
    )


def _codes(results: Any, kind: str) -> tuple[str, ...]:
    codes = (text(get(status, "code")) for status in items(get(results, kind)))
    return tuple(dict.fromkeys(code for code in codes if code))[:MOST_ITEMS]


def _claim_generator(manifest: Any) -> str | None:
    """Name and version of the software (claim v2), or claim v1's free text."""
    for info in items(get(manifest, "claim_generator_info")):
        if name := text(get(info, "name")):
            version = text(get(info, "version"))
            return f"{name} {version}" if version else name
    return text(get(manifest, "claim_generator"))


def _time_is_trusted(results: Any) -> bool:
    """Whether an authority that is vouched for dated the signature: the library also accepts any
    stamp of a claim of version 1 and calls that legacy."""
    return any(
        get(status, "code") == "timeStamp.trusted"
        and not str(get(status, "explanation")).startswith("legacy")
        for status in items(get(results, "success"))
    )


def _source_types(manifest: Any) -> Iterator[str]:
    for action in actions(manifest):
        if source := text(get(action, "digitalSourceType")):
            yield source
    yield from metadata_source_types(manifest)


def _soft_bindings(manifest: Any) -> Iterator[SoftBinding]:
    for binding in assertions(manifest, "c2pa.soft-binding"):
        alg = text(get(binding, "alg"))
        for block in items(get(binding, "blocks")):
            value = _bytes(get(block, "value"))
            if alg and value is not None:
                yield SoftBinding(alg, value)


def _bytes(value: Any) -> bytes | None:
    """A soft binding's value: base64 text (a byte string reads as that), other text, or numbers."""
    if isinstance(value, str):
        start = value[:LONGEST_TEXT]
        try:
            return base64.b64decode(start, validate=True)
        except (binascii.Error, ValueError):
            return start.encode()
    if isinstance(value, list) and all(isinstance(n, int) and 0 <= n < 256 for n in value):
        return bytes(value[:LONGEST_TEXT])
    return None
