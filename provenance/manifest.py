"""What a Content Credential of this service says: a C2PA claim (v2) about one generated video.

Section numbers are those of C2PA 2.3. The prompt is no part of it: a manifest is public.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# C2PA accepts any string here without a word. https://cv.iptc.org/newscodes/digitalsourcetype/
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED_ALGORITHMIC_MEDIA = _IPTC + "trainedAlgorithmicMedia"
ALGORITHMIC_MEDIA = _IPTC + "algorithmicMedia"


def new_manifest_label() -> str:
    """A fresh manifest label, `urn:c2pa:<uuid4>` (§8), to be stored before rendering starts."""
    return f"urn:c2pa:{uuid.uuid4()}"


@dataclass(frozen=True)
class Claim:
    """The facts that one manifest states.

    manifest_label       from `new_manifest_label`, known to the database before signing
    created_at           aware datetime of the render
    watermark_algorithm  reverse-DNS name of the pixel mark, e.g. `org.signet-video.tile.1`
    watermark_value      the mark id, 8 bytes big-endian
    duration_ms          length of the video, the time span that the mark covers
    provider             who runs the service, under the name that the law knows them by
    upscaled_from        (width, height) of the render where delivery is larger, else None
    visible_label        text that was burnt into the pictures, None without one

    Raises ValueError for a label, time stamp, mark value or duration that no manifest may carry.
    """

    manifest_label: str
    title: str
    created_at: datetime
    model_name: str
    model_identifier: str
    model_version: str
    watermark_algorithm: str
    watermark_value: bytes
    duration_ms: int
    generator_version: str
    provider: str
    generator_name: str = "Signet"
    upscaled_from: tuple[int, int] | None = None
    visible_label: str | None = None

    def __post_init__(self) -> None:
        prefix, _, identifier = self.manifest_label.rpartition(":")
        if prefix != "urn:c2pa" or str(uuid.UUID(identifier)) != identifier:
            raise ValueError(f"manifest label {self.manifest_label!r} is not urn:c2pa:<uuid>")
        if self.created_at.tzinfo is None:
            raise ValueError("created_at needs a time zone")
        if len(self.watermark_value) != 8:
            raise ValueError("watermark_value is the mark id as 8 bytes, big-endian")
        if self.duration_ms <= 0:
            raise ValueError("duration_ms must be positive")


def definition(claim: Claim) -> dict[str, Any]:
    """The manifest definition that the C2PA builder takes for `claim`."""
    return {
        "claim_version": 2,
        "label": claim.manifest_label,
        "title": claim.title,
        "format": "video/mp4",
        "claim_generator_info": [
            {
                "name": claim.generator_name,
                "version": claim.generator_version,
                "specVersion": "2.4.0",
            }
        ],
        "assertions": [
            _actions(claim),
            _soft_binding(claim),
            _ai_disclosure(claim),
            _TRAINING_MINING,
            _IPTC_METADATA,
            _disclosure_metadata(claim),
        ],
    }


def _actions(claim: Claim) -> dict[str, Any]:
    """§18.15. `created` says that our software, not a user, states this; the list is complete."""
    when = claim.created_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    actions: list[dict[str, Any]] = [
        {
            "action": "c2pa.created",
            "when": when,
            "digitalSourceType": TRAINED_ALGORITHMIC_MEDIA,
            "softwareAgent": {"name": claim.model_name, "version": claim.model_version},
        }
    ]
    service = {"name": claim.generator_name, "version": claim.generator_version}
    if claim.upscaled_from is not None:
        width, height = claim.upscaled_from
        actions.append(
            {
                "action": "c2pa.resized",
                "when": when,
                "softwareAgent": service,
                "description": f"Upscaled from {width}x{height}",
            }
        )
    if claim.visible_label is not None:
        actions.append(
            {
                "action": "c2pa.addedText",
                "when": when,
                "digitalSourceType": ALGORITHMIC_MEDIA,
                "softwareAgent": service,
                "description": f"Visible label: {claim.visible_label}",
            }
        )
    actions.append({"action": "c2pa.watermarked.bound", "when": when, "softwareAgent": service})
    return {
        "label": "c2pa.actions.v2",
        "created": True,
        "data": {"allActionsIncluded": True, "actions": actions},
    }


def _soft_binding(claim: Claim) -> dict[str, Any]:
    """§18.10. The value is base64 text: c2pa-rs cannot yet write the byte string of the spec."""
    block = {
        "scope": {"timespan": {"start": 0, "end": claim.duration_ms}},
        "value": base64.b64encode(claim.watermark_value).decode("ascii"),
    }
    return {
        "label": "c2pa.soft-binding",
        "created": True,
        "data": {"alg": claim.watermark_algorithm, "pad": "", "blocks": [block]},
    }


def _ai_disclosure(claim: Claim) -> dict[str, Any]:
    return {
        "label": "c2pa.ai-disclosure",
        "created": True,
        "data": {
            "modelType": "c2pa.types.model.pytorch",
            "modelName": claim.model_name,
            "modelIdentifier": claim.model_identifier,
            "contentProfile": {"humanOversightLevel": "prompt_guided"},
        },
    }


def _disclosure_metadata(claim: Claim) -> dict[str, Any]:
    """Provider, system and version, as California's SB 942 (§22757.3) wants them in the file.

    Not in c2pa.metadata: older readers allow only some properties there.
    """
    return {
        "label": "cawg.metadata",
        "kind": "Json",
        "data": {
            "@context": {
                "dc": "http://purl.org/dc/elements/1.1/",
                "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
            },
            "dc:publisher": [claim.provider],
            "Iptc4xmpExt:AISystemUsed": claim.model_name,
            "Iptc4xmpExt:AISystemVersionUsed": claim.model_version,
        },
    }


_TRAINING_MINING = {
    "label": "cawg.training-mining",
    "data": {"entries": {"cawg.ai_generative_training": {"use": "notAllowed"}}},
}

# No dc:created in here: c2pa-rs up to 0.90 then calls the whole manifest invalid.
_IPTC_METADATA = {
    "label": "c2pa.metadata",
    "kind": "Json",
    "data": {
        "@context": {"Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
        "Iptc4xmpExt:DigitalSourceType": TRAINED_ALGORITHMIC_MEDIA,
    },
}
