"""Two released videos that differ in their marks only, and a verifier that knows their records."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from provenance.certificates import create_development_ca
from provenance.credentials import Claim, TrustSettings, sign
from provenance.fingerprint import Fingerprint, Query, compare, fingerprint
from provenance.media import Limits
from provenance.record import Record
from provenance.report import Report
from provenance.signers import Signer, pem_signer
from provenance.verify import verify
from provenance.watermark import embed

SHIP = Path(__file__).parents[2] / "fixtures" / "video" / "cogvx_ship.mp4"
KEY = bytes(range(32))
MARK_A, MARK_B = 0x0123456789ABCDEF, 0xFEDCBA9876543210
FPS = 8

WriteVideo = Callable[..., Path]
ClaimMaker = Callable[..., Claim]
Check = Callable[..., Report]


@dataclass(frozen=True)
class Released:
    """A finished file of the service, the frames in it, and its record."""

    path: Path
    frames: np.ndarray
    record: Record


class Records:
    """A registry of the records it is given, and of what their videos look like."""

    def __init__(self, *records: Record, looks: Fingerprint | None = None) -> None:
        self.records = records
        self.looks = looks

    def by_mark(self, mark_id: int) -> Record | None:
        return next((r for r in self.records if r.mark_id == mark_id), None)

    def by_manifest(self, label: str) -> Record | None:
        return next((r for r in self.records if r.manifest_label == label), None)

    def by_pictures(self, query: Query) -> list[Record]:
        alike = self.looks is not None and compare(query, self.looks).agrees
        return list(self.records) if alike else []

    def fingerprint_of(self, video_id: str) -> Fingerprint | None:
        return self.looks if any(r.video_id == video_id for r in self.records) else None


@pytest.fixture(scope="session")
def pictures() -> np.ndarray:
    """Natural content without a mark: 16 frames of 480x320."""
    with av.open(str(SHIP)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames[:16])[:, :320, :480].copy()


@pytest.fixture(scope="session")
def foreign() -> np.ndarray:
    """Soft shapes that drift, of the same size and length: nothing like `pictures`."""
    chance = np.random.default_rng(5)
    scene = cv2.resize(
        chance.uniform(0, 255, (9, 14, 3)), (600, 400), interpolation=cv2.INTER_CUBIC
    )
    scene = np.clip(scene, 0, 255).astype(np.uint8)
    return np.stack([scene[t : t + 320, 2 * t : 2 * t + 480] for t in range(16)])


@pytest.fixture(scope="session")
def looks(pictures: np.ndarray) -> Fingerprint:
    """What both released videos look like; they differ in their marks only."""
    return fingerprint(pictures)


@pytest.fixture(scope="session")
def release(
    tmp_path_factory: pytest.TempPathFactory,
    pictures: np.ndarray,
    write_video: WriteVideo,
    make_claim: ClaimMaker,
    signer: Signer,
) -> Callable[[str, int], Released]:
    def make(video_id: str, mark_id: int) -> Released:
        folder = tmp_path_factory.mktemp(video_id)
        frames = embed(pictures, mark_id, KEY)
        claim = make_claim(watermark_value=mark_id.to_bytes(8, "big"))
        asset = sign(
            write_video(folder / "encoded.mp4", frames), folder / "released.mp4", claim, signer
        )
        record = Record(
            video_id=video_id,
            mark_id=mark_id,
            manifest_label=asset.manifest_label,
            created_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
            model="CogVideoX-2b",
            width=480,
            height=320,
            num_frames=16,
            fps=FPS,
            certificate_serial=asset.certificate_serial,
            manifest_sha256=hashlib.sha256(asset.manifest).hexdigest(),
        )
        return Released(asset.path, frames, record)

    return make


@pytest.fixture(scope="session")
def a(release: Callable[[str, int], Released]) -> Released:
    return release("video_a", MARK_A)


@pytest.fixture(scope="session")
def b(release: Callable[[str, int], Released]) -> Released:
    return release("video_b", MARK_B)


@pytest.fixture(scope="session")
def check(
    a: Released, b: Released, looks: Fingerprint, trust: TrustSettings
) -> Callable[..., Report]:
    """Verifies a file against the records of both videos; keyword arguments replace parts."""

    def run(path: Path, **parts: object) -> Report:
        registry = parts.pop("registry", Records(a.record, b.record, looks=looks))
        settings = {"keys": [KEY], "trust": trust, "limits": Limits()} | parts
        return verify(path, registry, **settings)

    return run


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, TrustSettings]:
    """Somebody with a certificate of their own, and trust in it."""
    files = create_development_ca(tmp_path_factory.mktemp("stranger"))
    return pem_signer(files.chain, files.key), TrustSettings((files.root.read_text(),))
