"""C2PA files of others through `/v1/verify`: each gets its documented outcome, none an error.

The upstream files are described in tests/fixtures/c2pa; the others are made here from one signed by
a stranger.
"""

import io
import json
import shutil
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import c2pa
import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import open_service
from api.settings import Settings
from generator.encode import encode
from provenance.certificates import create_development_ca
from provenance.credentials import Claim, new_manifest_label
from provenance.manifest import definition
from provenance.signers import pem_signer
from provenance.trust import SIGNER_USAGES

UPSTREAM = Path(__file__).parents[1] / "fixtures" / "c2pa"
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"

Ask = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[Ask]:
    """Uploads a file to a service that trusts nobody but itself and the shipped lists."""
    data = shutil.copytree(migrated_data, tmp_path_factory.mktemp("vectors") / "data")
    settings = Settings(data_dir=Path(data), worker_id="test", verify_rate="1000/minute")
    with open_service(settings) as service, TestClient(create_app(service)) as client:

        def upload(content: bytes) -> dict[str, Any]:
            answer = client.post("/v1/verify", files={"file": ("file", content)})
            report: dict[str, Any] = answer.json()
            if answer.status_code == 413:
                return {"verdict": report["error"]["code"]}
            assert answer.status_code == 200
            return report

        yield upload


EXPECTED = json.loads((UPSTREAM / "expected.json").read_text())["results"]
FILES = sorted(path.name for path in UPSTREAM.iterdir() if path.suffix not in (".json", ".md"))
NO_PICTURES = {
    "rs_bunny_1.m4s",
    "rs_bunny_init.mp4",
    "rs_cloud_manifest.c2pa",
    "rs_dash1.m4s",
    "rs_dashinit.mp4",
    "rs_nested_moov_1000.mp4",
}


@pytest.mark.parametrize("file", FILES)
def test_upstream_file_gets_its_documented_outcome(ask: Ask, file: str) -> None:
    report = ask((UPSTREAM / file).read_bytes())
    if file == "rs_c.mov":  # beyond the limits of an upload, and without a manifest
        assert report["verdict"] == "limit_exceeded"
        return
    assert report["verdict"] == ("unreadable" if file in NO_PICTURES else "unknown")
    expected, credential = EXPECTED[file]["locked_no_anchor"], report["credential"]
    if file.endswith((".m4s", ".c2pa")):  # a bare fragment or a sidecar is no video
        assert credential["state"] == "absent"
    elif "exception" in expected:
        absent = expected["exception"] == "C2paManifestNotFound"
        assert credential["state"] == ("absent" if absent else "unreadable")
    else:
        assert credential["state"] == expected["state"].lower()
        assert set(credential["failure"]) == set(expected["failure"])


class Stranger:
    """Signs anything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clip = self._clip(0)
        files = create_development_ca(folder / "ca")
        self.signer = pem_signer(files.chain, files.key)
        self.settings = {
            "trust": {"trust_config": SIGNER_USAGES},
            "builder": {"thumbnail": {"enabled": False}},
        }

    def _clip(self, seed: int) -> bytes:
        frames = np.random.default_rng(seed).integers(0, 256, (3, 128, 128, 3), np.uint8)
        encode(frames, 8, self.folder / "clip.mp4")
        return (self.folder / "clip.mp4").read_bytes()

    def sign(
        self,
        *actions: dict[str, Any],
        clip: bytes | None = None,
        ingredient: tuple[str, bytes] | None = None,
        remote: bool = False,
        **changes: Any,
    ) -> bytes:
        """A signed clip whose manifest states `actions` alone; `ingredient` is how it relates to a
        file, and that file."""
        manifest: dict[str, Any] = {
            "claim_version": 2,
            "format": "video/mp4",
            "claim_generator_info": [{"name": "Stranger", "version": "1"}],
            "assertions": [
                {"label": "c2pa.actions.v2", "created": True, "data": {"actions": list(actions)}}
            ],
        }
        target = io.BytesIO()
        with (
            c2pa.Context.from_dict(self.settings) as context,
            c2pa.Builder(manifest | changes, context=context) as builder,
        ):
            if ingredient is not None:
                described = {"title": "it", "relationship": ingredient[0], "label": "it"}
                builder.add_ingredient(described, "video/mp4", io.BytesIO(ingredient[1]))
            if remote:
                builder.set_no_embed()
                builder.set_remote_url("https://example.org/manifest.c2pa")
            builder.sign(self.signer.native, "video/mp4", io.BytesIO(clip or self.clip), target)
        return target.getvalue()

    def other(self) -> bytes:
        """Another clip, signed."""
        return self.sign(created("trainedAlgorithmicMedia"), clip=self._clip(1))

    def like_ours(self) -> bytes:
        """What this software writes, signed by somebody else."""
        claim = Claim(
            manifest_label=new_manifest_label(),
            title="video.mp4",
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
            model_name="M",
            model_identifier="m",
            model_version="1",
            watermark_algorithm="org.example.mark",
            watermark_value=bytes(8),
            duration_ms=375,
            generator_version="1",
            provider="Stranger",
        )
        return self.sign(**definition(claim))

    def remuxed(self, content: bytes) -> bytes:
        """The same stream in a container of its own."""
        target = io.BytesIO()
        with av.open(io.BytesIO(content)) as old, av.open(target, "w", format="mp4") as new:
            stream = new.add_stream_from_template(old.streams.video[0])
            for packet in old.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    new.mux(packet)
        return target.getvalue()


def created(source_type: str) -> dict[str, Any]:
    return {"action": "c2pa.created", "digitalSourceType": IPTC + source_type}


def done(name: str) -> dict[str, Any]:
    return {"action": name, "parameters": {"ingredientIds": ["it"]}}


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def span(content: bytes, kind: bytes) -> tuple[int, int]:
    """Start and end of a top-level box."""
    start = 0
    while content[start + 4 : start + 8] != kind:
        start += struct.unpack(">I", content[start : start + 4])[0]
    return start, start + struct.unpack(">I", content[start : start + 4])[0]


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def vectors(stranger: Stranger) -> Iterator[tuple[str, bytes, set[str], str]]:
    """Name, file, states that its manifest may have, and verdict."""
    ai = created("trainedAlgorithmicMedia")
    made = stranger.sign(ai)
    valid, broken, damaged = {"valid"}, {"invalid"}, {"invalid", "unreadable"}
    yield "made by AI", made, valid, "other_generator"
    yield "our own kind of manifest", stranger.like_ours(), valid, "other_generator"
    composite = stranger.sign(created("compositeWithTrainedAlgorithmicMedia"))
    yield "partly made by AI", composite, valid, "other_generator"
    yield "filmed", stranger.sign(created("digitalCapture")), valid, "unknown"
    yield "computed", stranger.sign(created("algorithmicMedia")), valid, "unknown"
    filled = {"action": "c2pa.edited", "digitalSourceType": IPTC + "trainedAlgorithmicMedia"}
    edited = stranger.sign(created("digitalCapture"), filled)
    yield "filmed, then filled by AI", edited, valid, "other_generator"
    version_1 = [{"label": "c2pa.actions", "data": {"actions": [ai]}}]
    old = stranger.sign(claim_version=1, assertions=version_1)
    yield "claim of version 1", old, valid, "other_generator"
    used = ("componentOf", made)
    placed = stranger.sign(created("humanEdits"), done("c2pa.placed"), ingredient=used)
    yield "AI's clip in a person's work", placed, valid, "unknown"
    parent = ("parentOf", made)
    cut = stranger.sign(done("c2pa.opened"), {"action": "c2pa.edited"}, ingredient=parent)
    yield "AI's clip, edited by a person", cut, valid, "unknown"
    copy = stranger.sign(done("c2pa.opened"), {"action": "c2pa.transcoded"}, ingredient=parent)
    yield "AI's clip in another encoding", copy, valid, "other_generator"

    start, end = span(made, b"uuid")
    signature = made.index(b"c2pa.signature", made.index(b"c2cs", start))
    yield "signature changed", flipped(made, signature + 60), broken, "unknown"
    claim = made.index(b"claim_generator_info", start)
    yield "claim changed", flipped(made, claim + 3), damaged, "unknown"
    stated = made.index(b"digitalSourceType", start)
    yield "assertion changed", flipped(made, stated + 30), damaged, "unknown"
    pictures = span(made, b"mdat")
    yield "pictures changed", flipped(made, pictures[1] - 1), broken, "unknown"
    yield "metadata changed", made.replace(b"X264", b"Y264").replace(b"x264", b"y264"), broken, ""
    yield "cut off in the pictures", made[: pictures[1] - 20], damaged, ""
    yield "cut off in the manifest", made[: (start + end) // 2], damaged, "unreadable"
    yield "garbage in front", b"garbage!" * 8 + made, {"absent", "unreadable"}, ""
    yield "garbage behind", made + b"garbage!" * 8, damaged, "unknown"
    # All that lies behind the second one has moved, so the pictures are not found either.
    yield "manifest twice", made[:end] + made[start:], damaged, "unreadable"
    yield "free box behind", made + box(b"free", bytes(1000)), valid, "other_generator"
    yield "skip box behind", made + box(b"skip", bytes(1000)), valid, "other_generator"
    brand = made.index(b"isom")
    yield "ftyp changed", made[:brand] + b"mp42" + made[brand + 4 :], valid, "other_generator"
    yield "foreign uuid behind", made + box(b"uuid", bytes(64)), broken, "unknown"
    yield "second mdat", made + box(b"mdat", bytes(64)), broken, "unknown"
    yield "unknown box", made + box(b"abcd", bytes(64)), broken, "unknown"
    other = stranger.other()
    begin, stop = span(other, b"uuid")
    swapped = made[:start] + other[begin:stop] + made[end:]
    yield "manifest of another clip", swapped, broken, "unknown"
    yield "container rewritten", stranger.remuxed(made), {"absent"}, "unknown"
    yield "manifest elsewhere", stranger.sign(ai, remote=True), {"unreadable"}, "unknown"


def test_made_files_get_their_documented_outcome(tmp_path: Path, ask: Ask) -> None:
    wrong, count = [], 0
    for name, content, states, verdict in vectors(Stranger(tmp_path)):
        report = ask(content)
        found = (report["credential"]["state"], report["verdict"])
        count += 1
        if found[0] not in states or found[1] != (verdict or found[1]):
            wrong.append((name, found, report["credential"]))
    assert wrong == []
    assert count >= 26
