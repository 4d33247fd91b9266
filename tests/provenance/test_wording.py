from datetime import UTC, datetime
from string import Formatter

import numpy as np
import pytest

from provenance.credential_report import CredentialReport
from provenance.media import Video
from provenance.phrases import _PHRASES, LANGUAGES
from provenance.record import Record
from provenance.watermark import Affine
from provenance.wording import credential_changes, odd_mark, picture_changes, summary


def video(width: int, height: int, frames: int = 49, fps: float = 8) -> Video:
    return Video(np.broadcast_to(np.uint8(0), (frames, height, width, 3)), fps)


def moved(
    scale: float = 1, *, mirrored: bool = False, rotation: float = 0, stretch: float = 1
) -> Affine:
    return Affine(((1, 0, 0), (0, 1, 0)), mirrored, rotation, scale, stretch, (0, 0))


RECORD = Record(
    "video_a", 1, "urn:c2pa:x", datetime(2026, 1, 1, tzinfo=UTC), "m", 720, 480, 49, 8, "17", "ab"
)


@pytest.mark.parametrize(
    ("copy", "geometry", "changes"),
    [
        (video(720, 480), moved(), ()),
        (video(720, 480), None, ()),
        (video(640, 426), None, ("picture size changed from 720x480 to 640x426",)),
        (video(640, 426), moved(0.889), ("rescaled from 720x480 to 640x426",)),
        (video(640, 480), moved(), ("cropped to 640x480",)),
        (video(720, 480), moved(1.25), ("picture scaled to 125%", "cropped to 720x480")),
        (video(1280, 720), moved(1.5), ("picture scaled to 150%", "border added, now 1280x720")),
        (video(720, 480), moved(mirrored=True), ("mirrored left to right",)),
        (
            video(480, 720),
            moved(rotation=90),
            (
                "turned by 90 degrees counter-clockwise",
                "picture size changed from 720x480 to 480x720",
            ),
        ),
        (
            video(480, 720),
            moved(rotation=-90),
            ("turned by 90 degrees clockwise", "picture size changed from 720x480 to 480x720"),
        ),
        (
            video(854, 480),
            moved(1.089, stretch=1.186),
            ("stretched from 720x480 to 854x480",),
        ),
        (
            video(720, 480),
            moved(1.1, stretch=1.21),
            ("picture scaled to 121% of its width, 100% of its height", "cropped to 720x480"),
        ),
        (video(720, 480, 33), moved(), ("trimmed from 49 to 33 frames",)),
        (video(720, 480, 60), moved(), ("lengthened from 49 to 60 frames",)),
        (video(720, 480, 1, 25), moved(), ("a single picture out of 49 frames",)),
        (video(720, 480, 147, 24), moved(), ("frame rate changed from 8 to 24",)),
        (
            video(720, 480, 49, 16),
            moved(),
            ("frame rate changed from 8 to 16", "running time changed from 6.1 to 3.1 s"),
        ),
    ],
)
def test_changes_are_worded_from_measurements(
    copy: Video, geometry: Affine | None, changes: tuple[str, ...]
) -> None:
    assert picture_changes(copy, RECORD, geometry) == changes


@pytest.mark.parametrize(
    ("credential", "changes"),
    [
        (
            CredentialReport("absent"),
            ("re-encoded or container rewritten, Content Credential missing",),
        ),
        (
            CredentialReport("unreadable", error="Decoding: claim"),
            ("Content Credential cannot be read: Decoding: claim",),
        ),
        (
            CredentialReport("trusted", manifest_label="urn:c2pa:y", certificate_serial="17"),
            ("Content Credential replaced by one that was not issued for this video",),
        ),
        (
            CredentialReport(
                "invalid",
                manifest_label="urn:c2pa:x",
                failure=("signingCredential.untrusted", "signingCredential.expired"),
            ),
            ("signing certificate expired, without a trusted time stamp",),
        ),
        (
            CredentialReport("invalid", manifest_label="urn:c2pa:x", failure=("a.b", "c.d")),
            ("Content Credential is invalid: a.b, c.d",),
        ),
        (
            CredentialReport("valid", manifest_label="urn:c2pa:x", certificate_serial="17"),
            ("Content Credential signed by someone who is not trusted",),
        ),
        (
            CredentialReport("trusted", manifest_label="urn:c2pa:x", certificate_serial="18"),
            ("Content Credential signed with another certificate than the original",),
        ),
        (
            CredentialReport("trusted", None, "urn:c2pa:x", "cd", certificate_serial="17"),
            ("bytes of the Content Credential changed that no signature covers",),
        ),
        (CredentialReport("trusted", None, "urn:c2pa:x", "ab", certificate_serial="17"), ()),
    ],
)
def test_what_happened_to_the_credential(
    credential: CredentialReport, changes: tuple[str, ...]
) -> None:
    assert credential_changes(credential, RECORD) == changes


def test_every_way_of_knowing_nothing_says_that_it_proves_nothing() -> None:
    odd = [
        odd_mark(unrecorded=True, unreadable=False, open_mark=True),
        odd_mark(unrecorded=False, unreadable=True, open_mark=True),
        odd_mark(unrecorded=False, unreadable=False, open_mark=True),
        odd_mark(unrecorded=False, unreadable=False, open_mark=False),
    ]
    credentials = [
        CredentialReport("absent"),
        CredentialReport("invalid"),
        CredentialReport("valid", signature_issuer="Somebody"),
        CredentialReport("trusted"),
    ]
    sentences = {summary("unknown", None, each, mark) for each in credentials for mark in odd}
    assert len(sentences) == 3 + len(credentials)
    sentences.add(summary("unknown", RECORD, credentials[0], looks="same"))
    for sentence in sentences:
        assert sentence.endswith("; this is not evidence that the video is authentic.")


def test_every_phrase_has_the_same_places_in_each_language() -> None:
    for phrase, texts in _PHRASES.items():
        assert len(texts) == len(LANGUAGES), phrase
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts]
        assert places[0] == places[1], phrase
