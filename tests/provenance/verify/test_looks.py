"""What the looks of the pictures confirm, refute and find, in real files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from provenance.credentials import TrustSettings, sign
from provenance.fingerprint import fingerprint
from provenance.signers import Signer
from provenance.watermark import embed
from tests.provenance.verify.conftest import (
    KEY,
    MARK_A,
    Check,
    ClaimMaker,
    Records,
    Released,
    WriteVideo,
)


def test_mark_pasted_onto_foreign_pictures_is_transplanted(
    tmp_path: Path,
    a: Released,
    pictures: np.ndarray,
    foreign: np.ndarray,
    check: Check,
    write_video: WriteVideo,
) -> None:
    """Who has a video with and without its mark can add the difference to any other."""
    residual = a.frames.astype(np.int16) - pictures
    pasted = np.clip(foreign + residual, 0, 255).astype(np.uint8)
    path = write_video(tmp_path / "pasted.mp4", pasted)
    report = check(path)
    assert report.mark is not None
    assert report.mark.mark_id == "0123456789abcdef"
    assert report.verdict == "transplanted"
    assert report.video_id == "video_a"
    assert [seen.looks for seen in report.fingerprints] == ["other"]
    assert "suspected forgery" in report.summary


def test_caption_over_a_plain_video_of_ours_is_altered(
    tmp_path: Path, a: Released, check: Check, write_video: WriteVideo
) -> None:
    """It outweighs all that the pictures show, and yet they are the record's."""
    ramp = np.linspace(110, 126, 480).astype(np.uint8)
    plain = np.broadcast_to(ramp[None, None, :, None], (8, 320, 480, 3)).copy()
    plain[:, 60:150, 90:200] = 140
    frames = embed(plain, MARK_A, KEY)
    frames[:, 270:300, 40:440] = 255
    frames[:, 278:292, 50:430:8] = 0
    report = check(
        write_video(tmp_path / "caption.mp4", frames),
        registry=Records(a.record, looks=fingerprint(plain)),
    )
    assert report.verdict == "altered"
    assert [seen.looks for seen in report.fingerprints] == ["unclear"]
    assert "something covers it" in report.not_checked[0]


def test_record_of_a_deleted_video_leaves_the_looks_unchecked(
    tmp_path: Path, a: Released, check: Check, write_video: WriteVideo
) -> None:
    path = write_video(tmp_path / "copy.mp4", a.frames)
    report = check(path, registry=Records(a.record))
    assert report.verdict == "altered"
    assert report.fingerprints == ()
    assert "looks of the pictures" in report.not_checked[0]


def test_intact_signature_does_not_hide_other_pictures(
    a: Released, foreign: np.ndarray, check: Check
) -> None:
    """Whoever can sign and mark as we do still cannot make a record's pictures others."""
    report = check(a.path, registry=Records(a.record, looks=fingerprint(foreign)))
    assert report.verdict == "transplanted"


@pytest.fixture
def naming(
    tmp_path: Path,
    a: Released,
    write_video: WriteVideo,
    make_claim: ClaimMaker,
    stranger: tuple[Signer, TrustSettings],
) -> Callable[[np.ndarray], Path]:
    """Writes pictures without a mark, under a stranger's manifest that names the record of `a`."""

    def write(pictures: np.ndarray) -> Path:
        claim = make_claim(manifest_label=a.record.manifest_label)
        source = write_video(tmp_path / "unmarked.mp4", pictures)
        return sign(source, tmp_path / "signed.mp4", claim, stranger[0]).path

    return write


def test_record_that_only_a_manifest_names_is_no_forgery(
    a: Released, pictures: np.ndarray, check: Check, naming: Callable[[np.ndarray], Path]
) -> None:
    """No mark was read, and something covers what the codes are of: that tells against nobody."""
    covered = pictures.copy()
    covered[:, 80:240, 120:360] = (250, 240, 90)
    path = naming(covered)
    for registry in (None, Records(a.record)):  # and once the record's looks are deleted
        report = check(path, **({} if registry is None else {"registry": registry}))
        assert report.verdict == "unknown"
        assert report.summary.startswith("The Content Credential in this file names an AI-gen")
        assert "cannot be told" in report.summary
        assert "looks of the pictures" in report.not_checked[0]


def test_copy_without_its_mark_that_names_its_record_is_altered(
    pictures: np.ndarray, check: Check, naming: Callable[[np.ndarray], Path]
) -> None:
    report = check(naming(pictures))
    assert report.verdict == "altered"
    assert "can no longer be read" in report.summary


def test_cropped_and_mirrored_copy_without_mark_and_manifest_only_looks_like_ours(
    tmp_path: Path, pictures: np.ndarray, check: Check, write_video: WriteVideo
) -> None:
    part = pictures[2:12, 40:290, 100:480, ::1][:, :, ::-1].copy()
    report = check(write_video(tmp_path / "part.mp4", part))
    assert report.verdict == "unknown"
    assert report.mark is None
    (seen,) = report.fingerprints
    assert seen.searched
    assert seen.looks == "same"
    assert "looks like an AI-generated video that this service made" in report.summary
    assert report.summary.endswith("this is not evidence that the video is authentic.")
