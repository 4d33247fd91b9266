"""Real files for the provenance tests: short videos, a development CA, signed videos."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from provenance.certificates import CertificateFiles, create_development_ca
from provenance.credentials import Claim, SignedAsset, TrustSettings, new_manifest_label, sign
from provenance.signers import Signer, pem_signer


@pytest.fixture(scope="session")
def write_video() -> Callable[..., Path]:
    """Encodes uint8 (N, H, W, 3) frames as H.264 in MP4, or as `codec` in `path`'s container."""

    def write(path: Path, frames: np.ndarray, fps: int = 8, codec: str = "libx264") -> Path:
        options = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream(codec, rate=fps)
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuv420p"
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())
        return path

    return write


@pytest.fixture(scope="session")
def plain_video(tmp_path_factory: pytest.TempPathFactory, write_video: Callable[..., Path]) -> Path:
    """Nine frames of 128x128 noise at 8 fps, without mark or manifest."""
    frames = np.random.default_rng(1).integers(0, 256, (9, 128, 128, 3), np.uint8)
    return write_video(tmp_path_factory.mktemp("video") / "plain.mp4", frames)


@pytest.fixture(scope="session")
def development_ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return create_development_ca(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def signer(development_ca: CertificateFiles) -> Signer:
    return pem_signer(development_ca.chain, development_ca.key)


@pytest.fixture(scope="session")
def trust(development_ca: CertificateFiles) -> TrustSettings:
    """Trust in the development CA alone."""
    return TrustSettings((development_ca.root.read_text(),))


@pytest.fixture(scope="session")
def make_claim() -> Callable[..., Claim]:
    """A claim about nine frames at 8 fps; keyword arguments replace fields."""

    def make(**fields: object) -> Claim:
        facts: dict[str, object] = {
            "manifest_label": new_manifest_label(),
            "title": "video.mp4",
            "created_at": datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
            "model_name": "CogVideoX",
            "model_identifier": "zai-org/CogVideoX-2b",
            "model_version": "2b",
            "watermark_algorithm": "org.signet-video.tile.1",
            "watermark_value": bytes.fromhex("0123456789abcdef"),
            "duration_ms": 1125,
            "generator_version": "0.1.0",
            "provider": "Example Ltd",
        }
        return Claim(**(facts | fields))

    return make


@pytest.fixture(scope="session")
def signed(
    tmp_path_factory: pytest.TempPathFactory,
    plain_video: Path,
    make_claim: Callable[..., Claim],
    signer: Signer,
) -> SignedAsset:
    """`plain_video`, signed."""
    return sign(plain_video, tmp_path_factory.mktemp("signed") / "signed.mp4", make_claim(), signer)
