"""A released video without the half a minute that rendering one takes."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np

from api.clock import now
from api.db import fingerprints
from api.db.models import Asset, Video
from api.service import Service
from api.states import State
from generator.encode import encode
from provenance.credentials import Claim, sign
from provenance.fingerprint import fingerprint
from provenance.watermark import ALGORITHM, embed

FPS = 8


@dataclass(frozen=True)
class Released:
    """The file, the marked frames in it, and what the database knows it by."""

    path: Path
    frames: np.ndarray
    video_id: str
    mark_id: int
    manifest_label: str
    manifest: bytes


def release(service: Service, folder: Path, plain: np.ndarray | None = None) -> Released:
    """Marks, encodes, signs and records frames, as the pipeline would; 8 of noise by default."""
    mark_id, video_id = secrets.randbits(64), f"video_{uuid.uuid4().hex}"
    if plain is None:
        plain = np.random.default_rng(0).integers(96, 160, (8, 128, 160, 3), np.uint8)
    frames = embed(plain, mark_id, service.keyring.watermark_keys[0])
    created = now() - timedelta(days=1)
    claim = Claim(
        manifest_label=f"urn:c2pa:{uuid.uuid4()}",
        title=f"{video_id}.mp4",
        created_at=created,
        model_name="demo",
        model_identifier="demo",
        model_version="1",
        watermark_algorithm=ALGORITHM,
        watermark_value=mark_id.to_bytes(8, "big"),
        duration_ms=1000 * len(frames) // FPS,
        generator_version="0.1.0",
        provider="Example",
    )
    encode(frames, FPS, folder / "plain.mp4")
    signed = sign(folder / "plain.mp4", folder / f"{video_id}.mp4", claim, service.keyring.signer)
    cv2.imwrite(str(folder / "thumbnail.jpg"), frames[4])
    keys = [f"videos/{video_id}/file.{suffix}" for suffix in ("mp4", "jpg")]
    for key, path in zip(keys, (signed.path, folder / "thumbnail.jpg"), strict=True):
        service.storage.put(key, path)
    with service.database.transaction() as session:
        session.add(
            Video(
                id=video_id,
                tenant="default",
                state=State.COMPLETED,
                mark_id=f"{mark_id:016x}",
                manifest_label=claim.manifest_label,
                model="demo",
                prompt="a secret prompt",
                request={
                    "width": plain.shape[2],
                    "height": plain.shape[1],
                    "num_frames": len(plain),
                    "fps": FPS,
                },
                moderation={},
                warnings=[],
                request_sha256="",
                created_at=created,
            )
        )
        session.flush()
        session.add(
            Asset(
                video_id=video_id,
                object_key=keys[0],
                thumbnail_key=keys[1],
                sha256=signed.sha256,
                size_bytes=signed.path.stat().st_size,
                certificate_serial=signed.certificate_serial,
                manifest=signed.manifest,
                parameters={},
                evidence={},
                created_at=now(),
            )
        )
        fingerprints.add(session, video_id, fingerprint(frames).to_bytes())
    return Released(signed.path, frames, video_id, mark_id, claim.manifest_label, signed.manifest)


def stripped(video: Released, folder: Path) -> Path:
    """The same pictures encoded again: no manifest, no metadata."""
    path = folder / "stripped.mp4"
    encode(video.frames, FPS, path)
    return path
