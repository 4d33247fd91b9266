"""Decode an untrusted video file without trusting the decoder.

FFmpeg parses hostile bytes in native code, so it runs in a child process that can use only the
memory, time, disk and descriptors it is given, holds no secrets in its environment and is given
no path and no protocol to open another file or address with (see `_decoder`). Frames arrive
through a temporary file that has no name: nothing is left on disk whatever happens to either
process.
"""

import json
import os
import signal
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import numpy.typing as npt

from provenance import confine
from provenance.labels import UnsignedLabel, unsigned_labels

_DECODER = Path(__file__).with_name("_decoder.py")
_REPORT_BYTES = 2**18  # most of it for labels


@dataclass(frozen=True)
class Limits:
    """What decoding one file may cost; the defaults suit a public verifier.

    max_bytes: size of the file. max_seconds: playing time. max_frames: number of frames.
    max_pixels: frames x width x height (3 bytes each on disk). max_frame_pixels: width x height;
    looking for a mark takes some 30 bytes of memory for each. max_wall_seconds: time until the
    decoder is killed, and then again until looking at the pictures ends. max_memory_bytes: address
    space of the decoder.
    """

    max_bytes: int = 256 * 2**20
    max_seconds: float = 120.0
    max_frames: int = 7_500
    max_pixels: int = 600_000_000
    max_frame_pixels: int = 40_000_000
    max_wall_seconds: float = 60.0
    max_memory_bytes: int = 3 * 2**30


class MediaError(Exception):
    """The file could not be decoded; the message is fit for the person who supplied it."""


class Unreadable(MediaError):  # noqa: N818 - reads as the verdict it leads to
    """Not a video or picture in a supported container, or damaged beyond the first frame."""


class Refused(MediaError):  # noqa: N818
    """A stream of a kind that is not examined, such as one whose frames change their size."""


class LimitExceeded(MediaError):  # noqa: N818
    """Decoding would cost more than `limit` (a field of `Limits`) allows."""

    def __init__(self, limit: str, value: float, detail: str) -> None:
        super().__init__(f"{detail}; the limit is {limit} = {value:g}")
        self.limit = limit
        self.value = value


@dataclass
class Video:
    """Decoded frames: uint8 (N, H, W, 3), RGB, upright, memory-mapped and read-only; and what the
    file's metadata says about how it was made.

    Close it, or use it as a context manager, to give the disk space back.
    """

    frames: npt.NDArray[np.uint8]
    fps: float
    labels: tuple[UnsignedLabel, ...] = ()

    @property
    def num_frames(self) -> int:
        return int(self.frames.shape[0])

    @property
    def height(self) -> int:
        return int(self.frames.shape[1])

    @property
    def width(self) -> int:
        return int(self.frames.shape[2])

    def close(self) -> None:
        """Drop the frames; the unnamed file goes with the last array that still looks into it."""
        self.frames = np.empty((0, self.height, self.width, 3), np.uint8)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def decode(path: Path, limits: Limits) -> Video:
    """Decode the first video stream of `path`: MP4/MOV, Matroska/WebM, AVI, MPEG-TS, GIF, or a
    PNG, JPEG or WebP picture as one frame.

    Display rotation is applied; damaged packets are skipped.
    Raises Unreadable, Refused, LimitExceeded, or plain MediaError where storage for the frames ran
    out.
    OSError means that `path` itself cannot be opened.
    """
    with (
        path.open("rb") as source,
        tempfile.TemporaryFile() as pixels,
        tempfile.TemporaryFile() as report,
    ):
        size = os.fstat(source.fileno()).st_size
        if size > limits.max_bytes:
            raise LimitExceeded("max_bytes", limits.max_bytes, f"the file has {size} bytes")
        status = _run_decoder(source, pixels, report, limits)
        report.seek(0)
        return _open_frames(pixels, _read_report(report, status, limits))


def _run_decoder(source: BinaryIO, pixels: BinaryIO, report: BinaryIO, limits: Limits) -> int:
    status = confine.run(
        _DECODER,
        [json.dumps(asdict(limits)), str(report.fileno())],
        source=source,
        output=pixels,
        wall_seconds=limits.max_wall_seconds,
        pass_fds=(report.fileno(),),
    )
    if status is None:
        raise LimitExceeded("max_wall_seconds", limits.max_wall_seconds, "decoding takes too long")
    return status


def _read_report(file: BinaryIO, status: int, limits: Limits) -> dict[str, Any]:
    """The child's report, or the exception it stands for."""
    if status == -signal.SIGXCPU:
        raise LimitExceeded("max_wall_seconds", limits.max_wall_seconds, "decoding takes too long")
    try:
        report = json.loads(file.read(_REPORT_BYTES))
    except ValueError:
        raise Unreadable(f"the decoder gave up on this file (status {status})") from None
    match report.get("error"):
        case None:
            return dict(report)
        case "limit":
            limit = report["limit"]
            raise LimitExceeded(limit, getattr(limits, limit), report["detail"])
        case "refused":
            raise Refused(str(report["detail"]))
        case "storage":
            raise MediaError(f"this machine could not decode the file: {report['detail']}")
        case _:
            raise Unreadable(f"not a decodable video: {report['detail']}")


def _open_frames(file: BinaryIO, report: dict[str, Any]) -> Video:
    shape = (report["frames"], report["height"], report["width"], 3)
    # The mapping keeps its own descriptor, so it outlives `file`.
    frames = np.memmap(file, np.uint8, mode="r", shape=shape)
    quarter_turns = round(report["rotation"] / 90)  # counter-clockwise, as displays apply them
    upright = np.rot90(frames, quarter_turns, axes=(1, 2))
    return Video(upright, report["fps"], unsigned_labels(report["labels"]))
