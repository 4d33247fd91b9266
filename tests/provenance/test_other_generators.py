"""Files of other generators, and what a reader is told about them."""

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from imwatermark import WatermarkEncoder
from PIL import Image, PngImagePlugin

from provenance.credentials import SignedAsset, TrustSettings
from provenance.fingerprint import Fingerprint, Query
from provenance.generator_marks import MESSAGES
from provenance.labels import aigc_label
from provenance.media import Limits
from provenance.record import Record
from provenance.report import Report
from provenance.trust_lists import TrustLists
from provenance.verify import verify


class NoRecords:
    """A registry of a service that made nothing."""

    def by_mark(self, _mark_id: int) -> Record | None:
        return None

    def by_manifest(self, _label: str) -> Record | None:
        return None

    def by_pictures(self, _query: Query) -> Sequence[Record]:
        return ()

    def fingerprint_of(self, _video_id: str) -> Fingerprint | None:
        return None


def check(path: Path, trust: TrustSettings | None = None) -> Report:
    trust = trust or TrustSettings()
    return verify(path, NoRecords(), keys=[bytes(range(32))], trust=trust, limits=Limits())


def test_open_mark_of_another_generator_names_it_and_says_what_it_is_worth(
    tmp_path: Path, natural_clip: Path
) -> None:
    with av.open(str(natural_clip)) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="bgr24")[:320, :480]
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", list(MESSAGES["FLUX"]))
    cv2.imwrite(str(tmp_path / "flux.png"), encoder.encode(frame.copy(), "dwtDct"))
    report = check(tmp_path / "flux.png")
    assert report.verdict == "other_generator"
    assert "open mark of FLUX" in report.summary
    assert "anyone can write" in report.summary
    assert report.to_dict()["generator_mark"]["generator"] == "FLUX"


def test_label_alone_is_evidence_of_a_wish_and_no_verdict(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("AIGC", aigc_label("Somebody", "1"))
    picture = Image.fromarray(np.zeros((64, 64, 3), np.uint8))
    picture.save(tmp_path / "label.png", pnginfo=info)
    report = check(tmp_path / "label.png")
    assert report.verdict == "unknown"
    assert "says that this is AI-generated; nobody signed it" in report.summary
    assert report.to_dict()["labels"][0]["fields"]["ContentProducer"] == "Somebody"


@pytest.mark.parametrize(
    ("names", "words"),
    [((), "someone unknown"), (("c2pa",), "on the C2PA trust list"), (("interim",), "retired")],
)
def test_summary_says_whose_list_the_signer_is_on(
    signed: SignedAsset, trust: TrustSettings, names: tuple[str, ...], words: str
) -> None:
    lists = TrustLists(**dict.fromkeys(names, trust.anchors[0]))
    report = check(signed.path, TrustSettings((), lists))
    assert report.verdict == "other_generator"
    assert words in report.summary
    assert report.credential is not None
    assert report.credential.trusted_by == (names[0] if names else None)
