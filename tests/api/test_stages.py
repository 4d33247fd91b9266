"""What the stages deliver: anybody with the stock package can read the open mark."""

from pathlib import Path

import c2pa
import cv2
import numpy as np
import pytest
from imwatermark import WatermarkDecoder

from api.caller import Caller
from api.intake import Order
from api.lifecycle import Lifecycle
from api.service import Service
from api.stages import Stages
from api.workspace import Workspace
from provenance.media import Limits, decode
from provenance.watermark import OPEN_MESSAGE

PARAMETERS = {"render_size": [720, 480], "revision": "test"}


@pytest.fixture
def delivered(service: Service, natural_clip: Path, tmp_path: Path) -> Path:
    """A natural clip after watermark, encode and sign, as it would be released."""
    settings, database = service.settings, service.database
    workspace = Workspace(service.storage, tmp_path / "scratch")
    workspace.prepare()
    stages = Stages(settings, database, workspace, lambda: service.keyring)
    lifecycle = Lifecycle(settings, database, service.storage, workspace)
    order = Order("a ship at sea", visible_label="bottom_right")
    video_id = service.intake.create(order, Caller("default", "test")).id
    with decode(natural_clip, Limits()) as clip:
        rendered = workspace.save_frames(video_id, clip.frames)
    with database.transaction() as session:
        lifecycle.start(session, video_id)
    encoded = stages.encode(video_id, stages.watermark(video_id, rendered))
    signed = stages.sign(video_id, encoded["file"], PARAMETERS)
    assert stages.prove(video_id, signed, encoded)["proved"]
    with workspace.open(video_id, signed["file"]) as path:
        return path


def test_the_file_carries_what_the_laws_ask_for(delivered: Path, natural_clip: Path) -> None:
    """One label in the metadata, one in the manifest, and one that everybody sees."""
    with decode(delivered, Limits()) as video, decode(natural_clip, Limits()) as before:
        (label,) = video.labels
        changed = np.abs(video.frames[0].astype(int) - before.frames[0]).max(axis=2) > 60
    assert label.fields["ContentProducer"] == "Signet Development CA - do not trust"
    assert label.fields["ProduceID"].startswith("video_")
    rows, columns = np.nonzero(changed)
    assert rows.size
    assert rows.min() > 400
    assert columns.min() > 360
    with delivered.open("rb") as file, c2pa.Reader("video/mp4", file) as reader:
        manifest = reader.get_active_manifest()
    actions = manifest["assertions"][0]["data"]["actions"]
    assert [action["action"] for action in actions] == [
        "c2pa.created",
        "c2pa.addedText",
        "c2pa.watermarked.bound",
    ]


def test_the_stock_decoder_reads_the_open_mark(delivered: Path) -> None:
    decoder = WatermarkDecoder("bytes", 32)
    with decode(delivered, Limits()) as video:
        readings = [
            decoder.decode(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), "dwtDctSvd")
            for frame in video.frames
        ]
    assert sum(reading == OPEN_MESSAGE for reading in readings) >= 45
    assert len(readings) == 49
