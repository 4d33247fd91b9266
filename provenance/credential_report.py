"""What a manifest store says, reduced to what a verifier needs.

The input is the JSON of a stranger's manifest: any field may be missing or have any shape, and
none of it may raise.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from provenance.manifest import AI_SOURCE_TYPES

CredentialState = Literal["absent", "invalid", "valid", "trusted", "unreadable"]

# Texts and lists in a report come from strangers: enough of them to read, not enough to hurt.
_LONGEST_TEXT = 256
_MOST_ITEMS = 64


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
           valid       intact, but signed by someone who chains to no anchor
           trusted     intact, and the signer chains to an anchor

    `success`, `failure`, `informational` are C2PA status codes (2.3 §15.2), each once.
    `time_stamp` (RFC 3339) is filled only when a trusted authority vouches for it.
    `ai_generated` is what the manifest states; believe it as far as `state` goes.
    """

    state: CredentialState
    manifest_label: str | None = None
    claim_generator: str | None = None
    signature_issuer: str | None = None
    certificate_serial: str | None = None
    time_stamp: str | None = None
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    informational: tuple[str, ...] = ()
    digital_source_type: str | None = None
    ai_generated: bool = False
    soft_bindings: tuple[SoftBinding, ...] = ()
    error: str | None = None


def summarise(store: Any) -> CredentialReport:
    """The report on a manifest store as `c2pa.Reader.json` prints it."""
    states: dict[str, CredentialState] = {
        "Trusted": "trusted",
        "Valid": "valid",
        "Invalid": "invalid",
    }
    label = text(_get(store, "active_manifest"))
    manifest = _get(store, "manifests", label)
    signature = _get(manifest, "signature_info")
    results = _get(store, "validation_results", "activeManifest")
    success = _codes(results, "success")
    source_types = list(_source_types(manifest))
    return CredentialReport(
        # An unknown state is a newer library's: never more than invalid.
        state=states.get(str(_get(store, "validation_state")), "invalid"),
        manifest_label=label,
        claim_generator=_claim_generator(manifest),
        signature_issuer=text(_get(signature, "issuer")),
        certificate_serial=text(_get(signature, "cert_serial_number")),
        time_stamp=text(_get(signature, "time")) if "timeStamp.trusted" in success else None,
        success=success,
        failure=_codes(results, "failure"),
        informational=_codes(results, "informational"),
        digital_source_type=source_types[0] if source_types else None,
        ai_generated=not AI_SOURCE_TYPES.isdisjoint(source_types)
        or any(True for _ in _assertions(manifest, "c2pa.ai-disclosure")),
        soft_bindings=tuple(_soft_bindings(manifest))[:_MOST_ITEMS],
    )


def _get(value: Any, *keys: str | None) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """A string of a stranger, cut to a bearable length; None for anything else."""
    return value[:_LONGEST_TEXT] if isinstance(value, str) else None


def _codes(results: Any, kind: str) -> tuple[str, ...]:
    codes = (text(_get(status, "code")) for status in _items(_get(results, kind)))
    return tuple(dict.fromkeys(code for code in codes if code))[:_MOST_ITEMS]


def _claim_generator(manifest: Any) -> str | None:
    """Name and version of the software (claim v2), or claim v1's free text."""
    for info in _items(_get(manifest, "claim_generator_info")):
        if name := text(_get(info, "name")):
            version = text(_get(info, "version"))
            return f"{name} {version}" if version else name
    return text(_get(manifest, "claim_generator"))


def _assertions(manifest: Any, label: str) -> Iterator[Any]:
    """Data of the assertions called `label`, in any version (`.v2`) and instance (`__1`)."""
    for assertion in _items(_get(manifest, "assertions")):
        name = str(_get(assertion, "label")).split("__")[0]
        if name == label or name.startswith(f"{label}.v"):
            yield _get(assertion, "data")


def _source_types(manifest: Any) -> Iterator[str]:
    for actions in _assertions(manifest, "c2pa.actions"):
        for action in _items(_get(actions, "actions")):
            if source := text(_get(action, "digitalSourceType")):
                yield source
    for metadata in _assertions(manifest, "c2pa.metadata"):
        if source := text(_get(metadata, "Iptc4xmpExt:DigitalSourceType")):
            yield source


def _soft_bindings(manifest: Any) -> Iterator[SoftBinding]:
    for binding in _assertions(manifest, "c2pa.soft-binding"):
        alg = text(_get(binding, "alg"))
        for block in _items(_get(binding, "blocks")):
            value = _bytes(_get(block, "value"))
            if alg and value is not None:
                yield SoftBinding(alg, value)


def _bytes(value: Any) -> bytes | None:
    """A soft binding's value: base64 text (a byte string reads as that), other text, or numbers."""
    if isinstance(value, str):
        start = value[:_LONGEST_TEXT]
        try:
            return base64.b64decode(start, validate=True)
        except (binascii.Error, ValueError):
            return start.encode()
    if isinstance(value, list) and all(isinstance(n, int) and 0 <= n < 256 for n in value):
        return bytes(value[:_LONGEST_TEXT])
    return None
