"""Labels in a file's metadata that say how it was made: XMP's DigitalSourceType, China's AIGC key.

Runs in the child process that decodes (see `_decoder`), so it imports nothing of the package. What
it finds is as the file has it, cut to a length; `labels` makes sense of it.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

STILLS = ("png_pipe", "jpeg_pipe", "webp_pipe", "gif")
"""FFmpeg's names of formats whose metadata Pillow reads."""

_MOST_XMP = 2**18
_LONGEST = 4096
_MOST_LABELS = 8

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
_AIGC = "{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC"  # TC260-PG-20257A and -20259A, clause 6
_KINDS = {_SOURCE_TYPE: "digital_source_type", _AIGC: "aigc"}
_EXIF_IFD, _USER_COMMENT = 0x8769, 0x9286


def of_video(metadata: Mapping[str, str]) -> list[dict[str, str]]:
    """Labels among FFmpeg's metadata of a container, which has the XMP packet under `xmp`."""
    found = []
    for name, value in metadata.items():
        match name.lower():
            case "xmp":
                found += _of_xmp(value)
            case "aigc":
                found.append(_label("aigc", "metadata", value))
            case "digitalsourcetype":
                found.append(_label("digital_source_type", "metadata", value))
    return found[:_MOST_LABELS]


def of_picture(file: BinaryIO) -> list[dict[str, str]]:
    """Labels of a PNG, JPEG, WebP or GIF; none where Pillow cannot read it."""
    from PIL import Image

    found = []
    with contextlib.suppress(Exception), Image.open(file) as picture:
        found += _of_xmp(picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp"))
        if "AIGC" in picture.info:
            found.append(_label("aigc", "metadata", _text(picture.info["AIGC"])))
        comment = _text(picture.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT))
        if '"AIGC"' in comment or '"Label"' in comment:
            found.append(_label("aigc", "EXIF", comment[max(comment.find("{"), 0) :]))
    return found[:_MOST_LABELS]


def _of_xmp(packet: Any) -> list[dict[str, str]]:
    """Labels of the file itself; what XMP says of things that it was made from lies deeper."""
    from defusedxml.ElementTree import fromstring

    packet = _text(packet)
    if not 0 < len(packet) <= _MOST_XMP:
        return []
    found = []
    with contextlib.suppress(Exception):
        root = fromstring(packet.strip("\0 \n\ufeff"), forbid_dtd=True)
        for description in root.iter(_RDF + "Description"):
            found += [_label(kind, "XMP", value) for kind, value in _properties(description)]
            break
    return found


def _properties(description: Any) -> Iterator[tuple[str, str]]:
    for name, value in description.attrib.items():
        if name in _KINDS:
            yield _KINDS[name], value
    for element in description:
        if element.tag in _KINDS:
            value = element.get(_RDF + "resource") or element.text or ""
            yield _KINDS[element.tag], value


def _label(kind: str, place: str, value: str) -> dict[str, str]:
    return {"kind": kind, "place": place, "value": value[:_LONGEST]}


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
