"""Labels in metadata: found in every container that may carry them, believed in none."""

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from provenance.labels import UnsignedLabel, aigc_label, unsigned_labels
from provenance.media import Limits, decode

WriteVideo = Callable[..., Path]

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AIGC = {"Label": "1", "ContentProducer": "Example", "ProduceID": "42"}
XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"
  ext:DigitalSourceType="{IPTC}trainedAlgorithmicMedia">
<TC260:AIGC>{json.dumps(AIGC)}</TC260:AIGC></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()
FROM_XMP = (
    UnsignedLabel(
        "digital_source_type", "XMP", {"type": IPTC + "trainedAlgorithmicMedia"}, "generated"
    ),
    UnsignedLabel("aigc", "XMP", AIGC, "generated"),
)
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))


def labels(path: Path) -> tuple[UnsignedLabel, ...]:
    with decode(path, Limits()) as video:
        return video.labels


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def tagged(source: Path, target: Path, **tags: str) -> Path:
    """The same stream in `target`'s container, with metadata."""
    options = {"movflags": "use_metadata_tags"} if target.suffix in (".mp4", ".mov") else {}
    with av.open(str(source)) as old, av.open(str(target), "w", options=options) as new:
        new.metadata.update(tags)
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return target


def test_xmp_of_mp4_and_mov_is_read(tmp_path: Path, plain_video: Path) -> None:
    content = plain_video.read_bytes()
    path = tmp_path / "uuid.mp4"
    path.write_bytes(content + box(b"uuid", XMP_UUID + XMP))
    assert labels(path) == FROM_XMP

    path = tagged(plain_video, tmp_path / "udta.mov")
    content = path.read_bytes()
    start = content.index(b"moov") - 4
    size = struct.unpack(">I", content[start : start + 4])[0]
    assert start + size == len(content)  # nothing behind it has to move
    udta = box(b"udta", box(b"XMP_", XMP))
    moov = box(b"moov", content[start + 8 :] + udta)
    path.write_bytes(content[:start] + moov)
    assert labels(path) == FROM_XMP


@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
def test_metadata_of_containers_is_read(tmp_path: Path, plain_video: Path, container: str) -> None:
    tags = {"AIGC": json.dumps({"AIGC": AIGC}), "DigitalSourceType": IPTC + "digitalCapture"}
    found = labels(tagged(plain_video, tmp_path / f"video.{container}", **tags))
    assert set(map(repr, found)) == {
        repr(UnsignedLabel("aigc", "metadata", AIGC, "generated")),
        repr(
            UnsignedLabel(
                "digital_source_type", "metadata", {"type": IPTC + "digitalCapture"}, None
            )
        ),
    }


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_xmp_of_pictures_is_read(tmp_path: Path, kind: str) -> None:
    path, options = tmp_path / f"picture.{kind}", {}
    if kind == "png":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
    else:
        options["xmp"] = XMP
    PICTURE.save(path, **options)
    assert labels(path) == FROM_XMP


def test_aigc_in_a_pictures_text_and_exif_is_read(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("AIGC", json.dumps(AIGC))
    PICTURE.save(tmp_path / "text.png", pnginfo=info)
    assert labels(tmp_path / "text.png") == (UnsignedLabel("aigc", "metadata", AIGC, "generated"),)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + json.dumps({"AIGC": AIGC}).encode()
    PICTURE.save(tmp_path / "exif.jpg", exif=exif)
    assert labels(tmp_path / "exif.jpg") == (UnsignedLabel("aigc", "EXIF", AIGC, "generated"),)


def test_source_type_of_something_inside_is_not_the_files(tmp_path: Path) -> None:
    """XMP lists what a picture was made from (here: in a pantry), AI's or not."""
    nested = XMP.replace(b"ext:DigitalSourceType", b"ext:Other").replace(
        b"<TC260:AIGC>",
        b"<ext:Pantry><rdf:Bag><rdf:li><rdf:Description ext:DigitalSourceType='"
        + IPTC.encode()
        + b"trainedAlgorithmicMedia'/></rdf:li></rdf:Bag></ext:Pantry><TC260:AIGC>",
    )
    PICTURE.save(tmp_path / "nested.webp", xmp=nested)
    assert [label.kind for label in labels(tmp_path / "nested.webp")] == ["aigc"]


def itxt_bomb() -> bytes:
    """A PNG whose compressed XMP unpacks to 64 MiB."""
    buffer = io.BytesIO()
    PICTURE.save(buffer, "png")
    data = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(2**26))
    chunk = struct.pack(">I", len(data)) + b"iTXt" + data
    chunk += struct.pack(">I", zlib.crc32(b"iTXt" + data))
    return buffer.getvalue()[:33] + chunk + buffer.getvalue()[33:]


ENTITIES = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]>"""


@pytest.mark.parametrize(
    "xmp",
    [
        ENTITIES + XMP[XMP.index(b"<x:") :].replace(b"trained", b"&b;&f;trained"),
        XMP[: len(XMP) // 2],
        b"\xff" * 1000,
        b"<a>" * 20_000,
        XMP.replace(json.dumps(AIGC).encode(), b"[" * 30_000),
        XMP + b" " * 2**18,
    ],
)
def test_hostile_xmp_says_nothing_and_hurts_nobody(
    tmp_path: Path, plain_video: Path, xmp: bytes
) -> None:
    path = tmp_path / "hostile.mp4"
    path.write_bytes(plain_video.read_bytes() + box(b"uuid", XMP_UUID + xmp))
    assert all(label.kind == "digital_source_type" for label in labels(path))


def test_picture_that_unpacks_to_megabytes_of_xmp_is_still_decoded(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(itxt_bomb())
    assert labels(tmp_path / "bomb.png") == ()


def test_metadata_that_is_no_text_does_not_make_a_video_unreadable(
    tmp_path: Path, plain_video: Path
) -> None:
    path = tagged(plain_video, tmp_path / "bytes.mp4", title="TITLE")
    path.write_bytes(path.read_bytes().replace(b"TITLE", b"\xff\xfe\xff\xfe\xff"))
    assert labels(path) == ()


@pytest.mark.parametrize(
    "found",
    [
        None,
        [None, 1, {"kind": "aigc"}],
        [{"kind": "other", "place": "XMP", "value": "x"}],
        [{"kind": "aigc", "place": "XMP", "value": value} for value in ("", "{", "[]", "1", "{}")],
        [{"kind": "aigc", "place": "XMP", "value": '{"Label":1}'}],
        [{"kind": "aigc", "place": "XMP", "value": '{"AIGC":{"AIGC":{}}}'}],
    ],
)
def test_labels_that_make_no_sense_are_left_out(found: object) -> None:
    assert unsigned_labels(found) == ()


def test_label_of_our_own_reads_as_written() -> None:
    written = aigc_label("Überprüfung GmbH", "video_1")
    (label,) = unsigned_labels([{"kind": "aigc", "place": "metadata", "value": written}])
    assert label.ai_use == "generated"
    assert label.fields == {
        "Label": "1",
        "ContentProducer": "Überprüfung GmbH",
        "ProduceID": "video_1",
    }
    assert set(json.loads(written)) >= {"ReservedCode1", "ReservedCode2", "PropagateID"}
