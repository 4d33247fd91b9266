"""Records found by what their videos look like, on both databases."""

from datetime import UTC, datetime

import cv2
import numpy as np

from api.audit import erasure
from api.db import fingerprints, videos
from api.db.models import Asset, Video
from api.db.registry import DatabaseRegistry
from api.db.session import Database
from api.states import State
from provenance import sighting
from provenance.fingerprint import examine, fingerprint


def _scene(seed: int) -> np.ndarray:
    """Six frames of soft shapes that drift."""
    cells = np.random.default_rng(seed).uniform(0, 255, (10, 15, 3))
    whole = np.clip(cv2.resize(cells, (260, 200), interpolation=cv2.INTER_CUBIC), 0, 255)
    return np.stack([whole[t : t + 160, 2 * t : 2 * t + 240] for t in range(6)]).astype(np.uint8)


def _record(database: Database, seed: int, state: State = State.COMPLETED) -> str:
    video_id = f"video_{seed}"
    with database.transaction() as session:
        session.add(
            Video(
                id=video_id,
                tenant="default",
                state=state,
                mark_id=f"{seed:016x}",
                manifest_label=f"urn:c2pa:{seed}",
                model="demo",
                prompt="a red ball",
                request={"width": 240, "height": 160, "num_frames": 6, "fps": 8},
                moderation={},
                warnings=[],
                request_sha256="",
                created_at=datetime.now(UTC),
            )
        )
        session.flush()
        session.add(
            Asset(
                video_id=video_id,
                object_key=video_id,
                thumbnail_key="",
                sha256="",
                size_bytes=1,
                certificate_serial="17",
                manifest=b"",
                parameters={},
                evidence={},
                created_at=datetime.now(UTC),
            )
        )
        fingerprints.add(session, video_id, fingerprint(_scene(seed)).to_bytes())
    return video_id


def test_released_videos_are_found_by_their_looks_as_they_come_and_go(database: Database) -> None:
    registry = DatabaseRegistry(database)
    mirrored = [examine(_scene(seed)[1:, :, ::-1]) for seed in range(3)]
    _record(database, 0)
    assert [seen.record.video_id for seen in sighting.find(mirrored[0], registry)] == ["video_0"]
    assert sighting.find(mirrored[1], registry) == []
    _record(database, 1)
    _record(database, 2, State.IN_PROGRESS)
    (seen,) = sighting.find(mirrored[1], registry)
    assert seen.record.video_id == "video_1"
    assert seen.match.score > 0.8
    assert sighting.find(mirrored[2], registry) == []  # not released, hence nobody's business
    with database.transaction() as session:
        erasure.erase_typed(session, videos.get(session, "video_0"))
    assert registry.fingerprint_of("video_0") is None
    assert sighting.find(mirrored[0], registry) == []
    assert registry.by_mark(0) is not None
