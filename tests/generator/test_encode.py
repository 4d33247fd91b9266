"""Encoding: what a player and a byte-level reader see in the finished file."""

import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.base import InvalidRequest
from generator.encode import encode


def noise(count: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), np.uint8)


def natural(name: str = "cogvx_ship.mp4") -> np.ndarray:
    path = Path(__file__).parents[1] / "fixtures" / "video" / name
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def boxes(data: bytes) -> list[str]:
    """Names of the top-level boxes of an MP4 (ISO/IEC 14496-12)."""
    names, position = [], 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        names.append(data[position + 4 : position + 8].decode("ascii"))
        position += size
    return names


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 20), st.integers(8, 40), st.integers(8, 40), st.sampled_from([8, 16, 7.5, 24])
)
def test_every_frame_comes_back(count, half_height, half_width, fps):
    height, width = 2 * half_height, 2 * half_width
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        encode(noise(count, height, width), fps, path)
        assert boxes(path.read_bytes())[:2] == ["ftyp", "moov"]
        with av.open(str(path)) as container:
            (stream,) = container.streams
            context = stream.codec_context
            assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
            assert (context.width, context.height) == (width, height)
            assert float(stream.average_rate) == fps
            assert stream.frames == count
            assert float(stream.duration * stream.time_base) == pytest.approx(count / fps)
            times = [frame.time for frame in container.decode(stream)]
        assert times == pytest.approx([index / fps for index in range(count)])


def test_opencv_counts_the_same_frames(tmp_path):
    encode(noise(49, 48, 64), 8, tmp_path / "clip.mp4")
    capture = cv2.VideoCapture(str(tmp_path / "clip.mp4"))
    count = 0
    while capture.read()[0]:
        count += 1
    assert (count, capture.get(cv2.CAP_PROP_FPS)) == (49, 8)


# Y'CbCr of full red in limited range, by the luma coefficients of BT.601 and BT.709.
@pytest.mark.parametrize(
    ("height", "matrix", "red"), [(480, 6, (81, 90, 240)), (720, 1, (63, 102, 240))]
)
def test_the_colour_matrix_is_tagged_as_it_was_applied(tmp_path, height, matrix, red):
    frames = np.zeros((2, height, 64, 3), np.uint8)
    frames[..., 0] = 255
    encode(frames, 8, tmp_path / "red.mp4")
    with av.open(str(tmp_path / "red.mp4")) as container:
        context = container.streams.video[0].codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace)
        assert tags == (1, 1, matrix)
        assert context.color_range == 1  # limited
        frame = next(container.decode(video=0))
        planes = [np.frombuffer(plane, np.uint8)[0] for plane in frame.planes]
        rgb = frame.to_ndarray(format="rgb24")
    assert np.abs(np.array(planes, int) - red).max() <= 2
    assert np.abs(rgb.astype(int) - [255, 0, 0]).max() <= 6
    assert b"colr" in (tmp_path / "red.mp4").read_bytes()


def test_natural_content_keeps_its_quality(tmp_path):
    frames = natural()
    encode(frames, 8, tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        back = np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
    error = np.mean((frames.astype(float) - back) ** 2)
    assert 10 * np.log10(255**2 / error) > 36


def test_the_same_frames_give_the_same_bytes(tmp_path):
    frames = noise(9, 64, 96)
    for name in ("a.mp4", "b.mp4"):
        encode(frames, 8, tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_higher_crf_makes_a_smaller_file(tmp_path):
    frames = noise(5, 64, 96)
    sizes = []
    for crf in (10, 30):
        encode(frames, 8, tmp_path / "clip.mp4", crf=crf)
        sizes.append((tmp_path / "clip.mp4").stat().st_size)
    assert sizes[1] < sizes[0]


def test_strided_frames_are_encoded_as_seen(tmp_path):
    frames = noise(3, 64, 96)
    encode(frames[:, :, ::-1], 8, tmp_path / "view.mp4")
    encode(np.ascontiguousarray(frames[:, :, ::-1]), 8, tmp_path / "copy.mp4")
    assert (tmp_path / "view.mp4").read_bytes() == (tmp_path / "copy.mp4").read_bytes()


@pytest.mark.parametrize(
    ("frames", "fps", "crf", "param"),
    [
        (noise(1, 48, 64)[:0], 8, 18, "frames"),
        (noise(1, 47, 64), 8, 18, "frames"),
        (noise(1, 48, 63), 8, 18, "frames"),
        (noise(1, 48, 64)[0], 8, 18, "frames"),
        (noise(1, 48, 64).astype(np.float32), 8, 18, "frames"),
        (noise(1, 48, 64), 0, 18, "fps"),
        (noise(1, 48, 64), float("nan"), 18, "fps"),
        (noise(1, 48, 64), 8, 52, "crf"),
    ],
)
def test_impossible_input_is_refused_and_leaves_no_file(tmp_path, frames, fps, crf, param):
    with pytest.raises(InvalidRequest) as refusal:
        encode(frames, fps, tmp_path / "clip.mp4", crf=crf)
    assert refusal.value.param == param
    assert not (tmp_path / "clip.mp4").exists()


def test_a_failed_write_leaves_no_file(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        encode(noise(1, 48, 64), 8, tmp_path / "missing" / "clip.mp4")


def test_metadata_lies_where_the_labelling_guide_wants_it(tmp_path):
    """TC260-PG-20257A: a key of moov/udta/meta/keys, its value in ilst."""
    value = '{"Label":"1","ContentProducer":"Übung"}'
    encode(noise(2, 48, 64), 8, tmp_path / "clip.mp4", metadata={"AIGC": value})
    content = (tmp_path / "clip.mp4").read_bytes()
    places = [content.index(name) for name in (b"udta", b"meta", b"keys", b"mdtaAIGC", b"ilst")]
    assert places == sorted(places)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.metadata["AIGC"] == value
