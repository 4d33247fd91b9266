"""Every verdict, reached by real files: marked pictures, real manifests, real edits."""

import itertools
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from provenance.credentials import TrustSettings, sign
from provenance.media import LimitExceeded, Limits
from provenance.report import Report
from provenance.signers import Signer
from tests.provenance.verify.conftest import Check, ClaimMaker, Records, Released, WriteVideo


@pytest.fixture(scope="module")
def authentic(a: Released, check: Check) -> Report:
    return check(a.path)


def test_released_file_is_authentic(authentic: Report) -> None:
    report = authentic
    assert report.verdict == "authentic"
    assert report.video_id == "video_a"
    assert report.changes == ()
    assert report.mark is not None
    assert report.mark.mark_id == "0123456789abcdef"
    assert report.summary == (
        "This file is an AI-generated video that this service made with CogVideoX-2b "
        "on 22 November 2026, unchanged since its release."
    )


def test_padding_behind_the_file_keeps_it_authentic(
    tmp_path: Path, a: Released, check: Check
) -> None:
    padded = tmp_path / "padded.mp4"
    padded.write_bytes(a.path.read_bytes() + (64).to_bytes(4, "big") + b"free" + bytes(56))
    assert check(padded).verdict == "authentic"


def test_manifest_changed_where_no_signature_covers_it_is_altered(
    tmp_path: Path, a: Released, check: Check
) -> None:
    content = bytearray(a.path.read_bytes())
    padding = content.index(bytes(1000), content.index(b"c2pa.signature")) + 500
    content[padding] = 1
    edited = tmp_path / "edited.mp4"
    edited.write_bytes(content)
    report = check(edited)
    assert report.credential is not None
    assert report.credential.state == "trusted"
    assert report.verdict == "altered"
    assert report.changes == ("bytes of the Content Credential changed that no signature covers",)


def test_report_is_json_and_says_what_was_not_checked(authentic: Report) -> None:
    report = authentic.to_dict()
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["version"] == 2
    assert report["record"] == {
        "created_at": "2026-11-22T12:00:00+00:00",
        "model": "CogVideoX-2b",
    }
    assert report["credential"]["soft_bindings"][0]["value"] == "0123456789abcdef"
    assert not any("looks" in item for item in report["not_checked"])
    (seen,) = report["fingerprints"]
    assert (seen["video_id"], seen["looks"], seen["searched"]) == ("video_a", "same", False)
    assert seen["score"] == 1.0


def test_re_encoded_copy_is_altered(
    tmp_path: Path, a: Released, check: Check, write_video: WriteVideo
) -> None:
    with av.open(str(a.path)) as container:
        decoded = np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])
    report = check(write_video(tmp_path / "copy.mp4", decoded))
    assert report.verdict == "altered"
    assert report.video_id == "video_a"
    assert report.changes == ("re-encoded or container rewritten, Content Credential missing",)


def test_edited_container_is_altered(tmp_path: Path, a: Released, check: Check) -> None:
    """One changed letter in the encoder's comment: the pictures are the same, the bytes are not."""
    edited = tmp_path / "edited.mp4"
    edited.write_bytes(a.path.read_bytes().replace(b"x264 - core", b"X264 - core", 1))
    report = check(edited)
    assert report.verdict == "altered"
    assert report.changes == ("file changed after it was signed",)


def test_mirrored_and_trimmed_copy_says_so(
    tmp_path: Path, a: Released, check: Check, write_video: WriteVideo
) -> None:
    report = check(write_video(tmp_path / "mirror.mp4", a.frames[:12, :, ::-1].copy()))
    assert report.verdict == "altered"
    assert "mirrored left to right" in report.changes
    assert "trimmed from 16 to 12 frames" in report.changes


def test_spliced_video_is_partial_and_the_timeline_says_where(
    tmp_path: Path, a: Released, pictures: np.ndarray, check: Check, write_video: WriteVideo
) -> None:
    spliced = np.concatenate([pictures, a.frames])
    report = check(write_video(tmp_path / "spliced.mp4", spliced))
    assert report.verdict == "partial"
    assert report.video_id == "video_a"
    (segment,) = report.segments
    assert (segment.start, segment.end) == (16, 32)
    assert (segment.start_seconds, segment.end_seconds) == (2.0, 4.0)
    assert (segment.mark_id, segment.video_id) == ("0123456789abcdef", "video_a")


def test_two_of_our_videos_in_one_are_partial(
    tmp_path: Path, a: Released, b: Released, check: Check, write_video: WriteVideo
) -> None:
    joined = np.concatenate([a.frames, b.frames])
    report = check(write_video(tmp_path / "joined.mp4", joined))
    assert report.verdict == "partial"
    assert [segment.video_id for segment in report.segments] == ["video_a", "video_b"]


def test_manifest_of_another_video_is_conflicting(
    tmp_path: Path,
    a: Released,
    b: Released,
    check: Check,
    write_video: WriteVideo,
    make_claim: ClaimMaker,
    signer: Signer,
) -> None:
    """Even under our own signature: manifest and pictures name different records."""
    claim = make_claim(manifest_label=a.record.manifest_label)
    swapped = sign(
        write_video(tmp_path / "b.mp4", b.frames), tmp_path / "swapped.mp4", claim, signer
    )
    report = check(swapped.path)
    assert report.verdict == "conflicting"


def test_our_label_on_foreign_pictures_is_transplanted(
    tmp_path: Path,
    a: Released,
    foreign: np.ndarray,
    check: Check,
    write_video: WriteVideo,
    make_claim: ClaimMaker,
    stranger: tuple[Signer, TrustSettings],
) -> None:
    claim = make_claim(manifest_label=a.record.manifest_label)
    source = write_video(tmp_path / "foreign.mp4", foreign)
    forged = sign(source, tmp_path / "forged.mp4", claim, stranger[0])
    report = check(forged.path)
    assert report.verdict == "transplanted"
    assert "suspected forgery" in report.summary


def test_copy_signed_by_another_trusted_party_is_not_authentic(
    tmp_path: Path,
    a: Released,
    check: Check,
    write_video: WriteVideo,
    make_claim: ClaimMaker,
    stranger: tuple[Signer, TrustSettings],
    trust: TrustSettings,
) -> None:
    """Anyone whose root is among the anchors can sign a marked copy under our label."""
    other, other_trust = stranger
    claim = make_claim(manifest_label=a.record.manifest_label)
    copy = sign(write_video(tmp_path / "a.mp4", a.frames), tmp_path / "copy.mp4", claim, other)
    report = check(copy.path, trust=TrustSettings((*trust.anchors, *other_trust.anchors)))
    assert report.credential is not None
    assert report.credential.state == "trusted"
    assert report.verdict == "altered"
    assert report.changes == (
        "Content Credential signed with another certificate than the original",
    )


def test_other_generators_manifest_is_believed_as_far_as_it_is_signed(
    tmp_path: Path,
    foreign: np.ndarray,
    check: Check,
    write_video: WriteVideo,
    make_claim: ClaimMaker,
    stranger: tuple[Signer, TrustSettings],
) -> None:
    other, other_trust = stranger
    source = write_video(tmp_path / "other.mp4", foreign)
    signed = sign(source, tmp_path / "signed.mp4", make_claim(), other)
    unknown, trusted = check(signed.path), check(signed.path, trust=other_trust)
    assert unknown.verdict == trusted.verdict == "other_generator"
    assert "someone unknown" in unknown.summary
    assert "a trusted party" in trusted.summary
    assert unknown.video_id is None


def test_clean_video_is_unknown_which_proves_nothing(
    tmp_path: Path, foreign: np.ndarray, check: Check, write_video: WriteVideo
) -> None:
    report = check(write_video(tmp_path / "clean.mp4", foreign))
    assert report.verdict == "unknown"
    assert (report.video_id, report.record, report.mark, report.segments) == (None, None, None, ())
    assert report.summary.endswith("this is not evidence that the video is authentic.")


def test_sentences_come_in_french(
    tmp_path: Path, a: Released, check: Check, write_video: WriteVideo
) -> None:
    path = write_video(tmp_path / "copie.mp4", a.frames[:12, :, ::-1].copy())
    report = check(path, language="fr")
    assert "22 novembre 2026" in report.summary
    assert "coupée de 16 à 12 images" in report.changes
    assert report.not_checked[-1].startswith("Content Credentials antérieurs")


def test_mark_without_a_record_names_no_video(
    tmp_path: Path, a: Released, check: Check, write_video: WriteVideo
) -> None:
    path = write_video(tmp_path / "copy.mp4", a.frames)
    report = check(path, registry=Records())
    assert report.verdict == "unknown"
    assert report.video_id is None
    assert "no record tells which video" in report.summary
    assert report.mark is not None
    assert report.mark.mark_id == "0123456789abcdef"


def test_record_without_its_certificate_is_not_authentic(a: Released, check: Check) -> None:
    record = replace(a.record, certificate_serial="1")
    assert check(a.path, registry=Records(record)).verdict == "altered"


def test_picture_too_small_for_a_mark_is_unknown_and_says_so(
    tmp_path: Path, pictures: np.ndarray, check: Check, write_video: WriteVideo
) -> None:
    report = check(write_video(tmp_path / "small.mp4", pictures[:, :64, :64].copy()))
    assert report.verdict == "unknown"
    assert "too small" in report.not_checked[0]


def test_picture_too_long_for_a_mark_is_unknown_and_says_so(
    tmp_path: Path, check: Check, write_video: WriteVideo
) -> None:
    strip = np.zeros((1, 128, 16_386, 3), np.uint8)
    report = check(write_video(tmp_path / "strip.mkv", strip, codec="ffv1"))
    assert report.verdict == "unknown"
    assert "too long" in report.not_checked[0]


def test_looking_at_the_pictures_has_an_end(
    a: Released, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "monotonic", itertools.count(step=100).__next__)
    with pytest.raises(LimitExceeded, match="examine; the limit is max_wall_seconds = 60"):
        check(a.path)


def test_file_that_is_no_video_is_unreadable(tmp_path: Path, check: Check) -> None:
    for name, content in {"empty": b"", "text": b"hello" * 99, "noise": os.urandom(4096)}.items():
        path = tmp_path / name
        path.write_bytes(content)
        report = check(path)
        assert report.verdict == "unreadable"
        assert "decoded" in report.not_checked[0]


def test_limits_are_the_callers_business(a: Released, check: Check) -> None:
    with pytest.raises(LimitExceeded):
        check(a.path, limits=Limits(max_seconds=1.0))
