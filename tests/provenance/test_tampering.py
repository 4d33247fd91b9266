"""What the reader says about changed files, and about files of others."""

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.credentials import (
    Claim,
    SignedAsset,
    TrustSettings,
    read,
    sign,
)
from provenance.signers import Signer

ClaimMaker = Callable[..., Claim]


def boxes(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Start and end of each top-level ISO BMFF box by type (the last one of each)."""
    found, start = {}, 0
    while start < len(data):
        end = start + int.from_bytes(data[start : start + 4], "big")
        found[data[start + 4 : start + 8]] = (start, end)
        start = end
    return found


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


def remux(source: Path, target: Path) -> None:
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)


def test_flipped_picture_byte_is_invalid(
    tmp_path: Path, signed: SignedAsset, trust: TrustSettings
) -> None:
    content = signed.path.read_bytes()
    start, end = boxes(content)[b"mdat"]
    (tmp_path / "flip.mp4").write_bytes(flipped(content, (start + end) // 2))
    report = read(tmp_path / "flip.mp4", trust)
    assert report.state == "invalid"
    assert "assertion.bmffHash.mismatch" in report.failure
    assert report.manifest_label == signed.manifest_label


def test_remux_strips_the_manifest(
    tmp_path: Path, signed: SignedAsset, trust: TrustSettings
) -> None:
    remux(signed.path, tmp_path / "remuxed.mp4")
    assert read(tmp_path / "remuxed.mp4", trust).state == "absent"


def test_manifest_of_another_file_is_invalid(
    tmp_path: Path,
    signed: SignedAsset,
    make_claim: ClaimMaker,
    signer: Signer,
    trust: TrustSettings,
    plain_video: Path,
    write_video: Callable[..., Path],
) -> None:
    with av.open(str(plain_video)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode()]
    other = write_video(tmp_path / "other.mp4", np.stack(frames[::-1]))
    donor = sign(other, tmp_path / "donor.mp4", make_claim(), signer)
    content, foreign = signed.path.read_bytes(), donor.path.read_bytes()
    (start, end), (begin, stop) = boxes(content)[b"uuid"], boxes(foreign)[b"uuid"]
    swapped = tmp_path / "swapped.mp4"
    swapped.write_bytes(content[:start] + foreign[begin:stop] + content[end:])
    report = read(swapped, trust)
    assert report.state == "invalid"
    assert report.manifest_label == donor.manifest_label


@pytest.mark.parametrize(
    ("what", "states"),
    [
        ("signature", {"invalid"}),
        ("claim", {"invalid", "unreadable"}),
        ("truncated in the pictures", {"invalid", "unreadable"}),
        ("truncated in the manifest", {"invalid", "unreadable"}),
        ("garbage in front", {"absent", "unreadable"}),
        ("garbage behind", {"invalid", "unreadable"}),
        ("two manifests", {"invalid", "unreadable"}),
        ("nothing", {"absent"}),
        ("free box behind", {"trusted"}),  # C2PA binds no padding: a file hash is no identity
    ],
)
def test_tampering_table(
    tmp_path: Path, signed: SignedAsset, trust: TrustSettings, what: str, states: set[str]
) -> None:
    content = signed.path.read_bytes()
    start, end = boxes(content)[b"uuid"]
    picture = boxes(content)[b"mdat"][0] + 100
    signature = content.index(b"c2pa.signature", content.index(b"c2cs", start))
    variants = {
        "signature": flipped(content, signature + 60),
        "claim": flipped(content, content.index(b"claim_generator_info", start) + 3),
        "truncated in the pictures": content[:picture],
        "truncated in the manifest": content[: (start + end) // 2],
        "garbage in front": b"garbage!" * 8 + content,
        "garbage behind": content + b"garbage!" * 8,
        "two manifests": content[:end] + content[start:],
        "nothing": b"",
        "free box behind": content + (1024).to_bytes(4, "big") + b"free" + bytes(1016),
    }
    path = tmp_path / "tampered.mp4"
    path.write_bytes(variants[what])
    report = read(path, trust)
    assert report.state in states
    assert (report.error is not None) == (report.state == "unreadable")


@pytest.mark.parametrize(
    ("container", "codec"), [("mkv", "libx264"), ("webm", "libvpx-vp9"), ("avi", "mpeg4")]
)
def test_other_containers_have_no_credential(
    tmp_path: Path,
    write_video: Callable[..., Path],
    trust: TrustSettings,
    container: str,
    codec: str,
) -> None:
    path = write_video(
        tmp_path / f"video.{container}", np.zeros((3, 128, 128, 3), np.uint8), codec=codec
    )
    assert read(path, trust).state == "absent"


MUTATIONS = st.tuples(
    st.sampled_from(["overwrite", "insert", "delete", "truncate"]),
    st.integers(0, 2**31 - 1),
    st.binary(min_size=1, max_size=16),
)
"""Of a file: what is done, where (modulo the length of the file), and with which bytes."""


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mutations=st.lists(MUTATIONS, min_size=1, max_size=4))
def test_mutated_files_never_raise_and_changed_pictures_are_never_valid(
    tmp_path: Path,
    signed: SignedAsset,
    trust: TrustSettings,
    mutations: list[tuple[str, int, bytes]],
) -> None:
    content = bytearray(signed.path.read_bytes())
    for kind, place, piece in mutations:
        start = place % max(len(content), 1)
        match kind:
            case "overwrite":
                content[start : start + len(piece)] = piece
            case "insert":
                content[start:start] = piece
            case "delete":
                del content[start : start + len(piece)]
            case "truncate":
                del content[max(start, 1) :]
    path = tmp_path / "mutated.mp4"
    path.write_bytes(content)
    report = read(path, trust)
    if report.state in ("valid", "trusted"):
        original = signed.path.read_bytes()
        start, end = boxes(original)[b"mdat"]
        assert original[start:end] in bytes(content)


VECTORS = Path(__file__).parents[1] / "fixtures" / "c2pa"


def vectors() -> list[tuple[str, str, dict[str, object]]]:
    results = json.loads((VECTORS / "expected.json").read_text())["results"]
    return [
        (file, anchors, expected)
        for file, by_anchors in results.items()
        for anchors, expected in by_anchors.items()
        if (VECTORS / file).is_file() and anchors in ("locked_no_anchor", "c2pa_test_anchors")
    ]


@pytest.mark.parametrize(("file", "anchors", "expected"), vectors())
def test_upstream_vectors(file: str, anchors: str, expected: dict[str, object]) -> None:
    trust = TrustSettings()
    if anchors == "c2pa_test_anchors":
        test_settings = VECTORS / "py_trust_config_test_settings.json"
        trust = TrustSettings((json.loads(test_settings.read_text())["trust"]["trust_anchors"],))
    report = read(VECTORS / file, trust)
    if file.endswith((".m4s", ".c2pa")):  # a bare fragment or a sidecar is no video
        assert report.state == "absent"
    elif "exception" in expected:
        absent = expected["exception"] == "C2paManifestNotFound"
        assert report.state == ("absent" if absent else "unreadable")
    else:
        assert report.state == str(expected["state"]).lower()
        assert set(report.failure) == set(expected["failure"])
        assert set(expected["informational"]) >= set(report.informational)
