"""Hostile-safe decoding: formats, limits, and what mutated files may and may not do."""

import contextlib
import io
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
import pytest

from provenance.media import LimitExceeded, Limits, MediaError, Refused, Unreadable, decode

SHIP = Path(__file__).parents[1] / "fixtures" / "video" / "cogvx_ship.mp4"
DEFAULT = Limits()


def moving_square(count: int = 6, height: int = 96, width: int = 128) -> np.ndarray:
    frames = np.full((count, height, width, 3), (30, 60, 160), np.uint8)
    for index, frame in enumerate(frames):
        frame[20:60, 10 + 4 * index : 50 + 4 * index] = (220, 40, 40)
    return frames


def encode(frames: np.ndarray, container: str = "mp4", codec: str = "libx264") -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=Fraction(8))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for frame in frames:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(stream.encode())
    return buffer.getvalue()


@pytest.fixture
def upload(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture(autouse=True)
def nothing_left_behind(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    confined_children: Callable[[], list[psutil.Process]],
) -> Iterator[None]:
    """Every test leaves an empty temporary folder and no child process."""
    folder = tmp_path_factory.mktemp("decoder")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []
    assert confined_children() == []


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "libx264"),
        ("mov", "libx264"),
        ("matroska", "libx264"),
        ("webm", "libvpx"),
        ("avi", "mpeg4"),
        ("mpegts", "libx264"),
        ("gif", "gif"),
    ],
)
def test_video_containers_give_the_frames_back(
    upload: Callable[[bytes], Path], container: str, codec: str
) -> None:
    frames = moving_square()
    with decode(upload(encode(frames, container, codec)), DEFAULT) as video:
        assert (video.num_frames, video.height, video.width) == frames.shape[:3]
        assert video.fps == pytest.approx(8, rel=0.05)
        assert np.abs(video.frames.astype(int) - frames).mean() < 20  # GIF has 256 colours


@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp"])
def test_a_still_picture_is_a_video_of_one_frame(
    upload: Callable[[bytes], Path], extension: str
) -> None:
    frame = moving_square(1)[0]
    done, content = cv2.imencode(extension, frame[..., ::-1])
    assert done
    with decode(upload(content.tobytes()), DEFAULT) as video:
        assert video.frames.shape == (1, *frame.shape)
        assert np.abs(video.frames[0].astype(int) - frame).mean() < 5


def test_display_rotation_is_applied(upload: Callable[[bytes], Path]) -> None:
    frames = moving_square()
    content = encode(frames)
    identity = b"".join(v.to_bytes(4, "big") for v in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
    quarter = b"".join(
        (v % 2**32).to_bytes(4, "big") for v in (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    )
    at = content.index(identity, content.index(b"tkhd"))  # the track header's display matrix
    turned = content[:at] + quarter + content[at + len(quarter) :]
    with decode(upload(turned), DEFAULT) as video:
        assert (video.height, video.width) == (128, 96)
        assert np.abs(video.frames.astype(int) - np.rot90(frames, -1, (1, 2))).mean() < 12


def test_frames_outlive_the_context_only_where_somebody_holds_them() -> None:
    with decode(SHIP, DEFAULT) as video:
        held = video.frames[0]
        assert video.frames.shape == (49, 480, 720, 3)
        assert not video.frames.flags.writeable
    assert video.num_frames == 0
    assert held.mean() > 0


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(max_bytes=1000), "max_bytes"),
        (Limits(max_seconds=3), "max_seconds"),
        (Limits(max_pixels=720 * 480 * 48), "max_pixels"),
        (Limits(max_pixels=720 * 480 - 1), "max_pixels"),
        (Limits(max_frame_pixels=720 * 480 - 1), "max_frame_pixels"),
        (Limits(max_wall_seconds=0.05), "max_wall_seconds"),
    ],
)
def test_each_limit_is_enforced_and_named(limits: Limits, name: str) -> None:
    with pytest.raises(LimitExceeded, match=name) as caught:
        decode(SHIP, limits)
    assert caught.value.limit == name
    assert caught.value.value == getattr(limits, name)


def test_a_small_file_cannot_claim_much_memory(upload: Callable[[bytes], Path]) -> None:
    _, content = cv2.imencode(".png", np.zeros((8000, 8000, 3), np.uint8))
    limits = Limits(max_memory_bytes=256 * 2**20, max_frame_pixels=8000 * 8000)
    with pytest.raises(LimitExceeded, match="max_memory_bytes"):
        decode(upload(content.tobytes()), limits)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no video at all",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n%(ship)b\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '%(ship)b'\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
        b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
    ],
    ids=["empty", "text", "hls", "hls-http", "hls-file", "concat", "concat-file", "sdp", "dash"],
)
def test_playlists_and_other_texts_are_refused(
    upload: Callable[[bytes], Path], content: bytes
) -> None:
    with pytest.raises(Unreadable):
        decode(upload(content.replace(b"%(ship)b", os.fsencode(SHIP.resolve()))), DEFAULT)


def test_a_change_of_frame_size_is_refused(upload: Callable[[bytes], Path]) -> None:
    small, large = moving_square(), moving_square(height=144, width=176)
    joined = encode(small, "mpegts") + encode(large, "mpegts")
    with pytest.raises(Refused, match="size changes"):
        decode(upload(joined), DEFAULT)


@pytest.mark.parametrize(
    ("side", "error"),
    [(10_000, LimitExceeded), (30_000, Unreadable)],  # FFmpeg itself takes the second for damage
)
def test_a_picture_that_claims_to_be_huge_is_refused(
    upload: Callable[[bytes], Path], side: int, error: type[MediaError]
) -> None:
    _, encoded = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))
    content = encoded.tobytes()
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + content[24:29]
    claims = content[:12] + header + zlib.crc32(header).to_bytes(4, "big") + content[33:]
    with pytest.raises(error):
        decode(upload(claims), Limits(max_pixels=50_000_000))


@pytest.mark.parametrize(
    "edit",
    [(750, 0), (2**31 - 1, 0), (2**31 - 1, -1), (0, 0)],
    ids=["repeats", "longer than it is", "empty", "no length"],
)
def test_an_endless_edit_list_cannot_keep_the_decoder_busy(
    upload: Callable[[bytes], Path], edit: tuple[int, int]
) -> None:
    content = with_edits(encode(moving_square()), 50_000 * [edit])
    with contextlib.suppress(LimitExceeded, Unreadable):
        limits = Limits(max_memory_bytes=2**30, max_wall_seconds=5)
        with decode(upload(content), limits) as video:
            assert video.num_frames <= 6


def with_edits(content: bytes, edits: list[tuple[int, int]]) -> bytes:
    """An MP4 whose `moov` comes last, with these edits: durations and media times, in ticks."""
    entries = b"".join(
        length.to_bytes(4, "big") + (time % 2**32).to_bytes(4, "big") + b"\0\1\0\0"
        for length, time in edits
    )
    elst = box(b"elst", bytes(4) + len(edits).to_bytes(4, "big") + entries)
    at = content.index(b"edts") - 4
    old = int.from_bytes(content[at : at + 4], "big")
    changed = bytearray(content[:at] + box(b"edts", elst) + content[at + old :])
    for name in (b"moov", b"trak"):
        start = content.index(name) - 4
        size = int.from_bytes(content[start : start + 4], "big") + len(elst) + 8 - old
        changed[start : start + 4] = size.to_bytes(4, "big")
    return bytes(changed)


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


def test_mutated_files_only_ever_raise_media_errors(tmp_path: Path) -> None:
    original = encode(moving_square(4))
    limits = Limits(max_pixels=10_000_000, max_wall_seconds=20, max_memory_bytes=2**30)

    def survives(index: int) -> bool:
        random = np.random.default_rng(index)
        content = np.frombuffer(original, np.uint8).copy()
        flips = random.integers(0, content.size, 1 << (index % 8))
        content[flips] ^= random.integers(1, 256, flips.size).astype(np.uint8)
        end = random.integers(1, content.size) if index % 4 == 0 else content.size
        path = tmp_path / str(index)
        path.write_bytes(content[:end].tobytes())
        try:
            decode(path, limits).close()
        except MediaError:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        survivors = sum(pool.map(survives, range(60)))
    assert 0 < survivors < 60
