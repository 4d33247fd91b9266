"""Labels in a file's metadata that say it was made by AI, and the one that this service writes.

They are signed by nobody: anyone can write, change or remove them. They show what somebody wanted
to be read, no more. `_file_labels` finds them, in the process that decodes the file.

China's is a JSON object under the key AIGC (GB 45438-2025, appendix E): Label (1: it is AI's, 2: it
may be, 3: it is suspected to be), who made it and under which id (ContentProducer, ProduceID), the
same of who passed it on (ContentPropagator, PropagateID), and two fields for other use.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

from provenance.ai_statement import AiUse, ai_use
from provenance.strangers import get, items, text

LabelKind = Literal["digital_source_type", "aigc"]

AIGC_KEY = "AIGC"
_SHOWN = ("Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID")
_SAYS: dict[str, AiUse] = {"1": "generated", "2": "partly", "3": "partly"}
_MOST_LABELS = 8


@dataclass(frozen=True)
class UnsignedLabel:
    """One label: its kind, where it lies (XMP, EXIF, metadata), and what it says.

    `fields` holds the digital source type, or the members of the AIGC object. `ai_use` is None
    where it says nothing about AI; what only may be AI's counts as partly.
    """

    kind: LabelKind
    place: str
    fields: dict[str, str]
    ai_use: AiUse | None


def aigc_label(producer: str, produce_id: str) -> str:
    """The value of the AIGC key of a file that `producer` made with AI under the id `produce_id`.

    Whoever passes the file on fills in the other fields.
    """
    fields = {
        "Label": "1",
        "ContentProducer": producer,
        "ProduceID": produce_id,
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def unsigned_labels(found: Any) -> tuple[UnsignedLabel, ...]:
    """What `_file_labels` found, understood; labels that make no sense are left out."""
    labels = [_label(item) for item in items(found)[:_MOST_LABELS]]
    return tuple(label for label in labels if label is not None)


def _label(found: Any) -> UnsignedLabel | None:
    kind, place, value = get(found, "kind"), text(get(found, "place")), get(found, "value")
    if kind not in get_args(LabelKind) or place is None or not isinstance(value, str):
        return None
    if kind == "digital_source_type":
        source_type = text(value.strip()) or ""
        return UnsignedLabel(kind, place, {"type": source_type}, ai_use(source_type))
    fields = _aigc_fields(value)
    return UnsignedLabel("aigc", place, fields, _SAYS.get(fields["Label"])) if fields else None


def _aigc_fields(value: str) -> dict[str, str]:
    """The object's members, also where it is wrapped in another one; {} unless it has a Label."""
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    content = get(content, AIGC_KEY) or content
    fields = {name: text(get(content, name)) for name in _SHOWN}
    return {name: field for name, field in fields.items() if field} if fields["Label"] else {}
