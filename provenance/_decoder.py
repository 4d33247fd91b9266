"""The child process of `provenance.media`: one untrusted file in, raw RGB frames out.

Runs as a script (`python -I _decoder.py LIMITS REPORT_FD`), so it imports nothing of the package
but its other half, `_file_labels`.
The upload is standard input and the frames go to standard output; both are plain files that the
parent opened, hence this process never opens a path. The report, one JSON object on descriptor
REPORT_FD, is written last: a child that died half-way leaves none.
"""

import errno
import io
import json
import os
import resource
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

# Demuxers that read one file and nothing else. Everything that can name other files or addresses
# (hls, dash, concat, image2 patterns, sdp, ...) stays out.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "gif",
    "avi",
    "mpegts",
    "png_pipe",
    "jpeg_pipe",
    "webp_pipe",
)
THREADS = 2
MAX_OPEN_FILES = 16
MAX_CONSECUTIVE_DAMAGED = 1000


class LimitError(Exception):
    """The file asks for more than a limit allows; the arguments are the limit's name and a text."""


def restrict(limits: dict[str, Any]) -> None:
    """Lower this process's own resource limits for good (hard limits, before any parsing)."""
    cpu = THREADS * int(limits["max_wall_seconds"] + 1)
    for kind, value in (
        (resource.RLIMIT_AS, limits["max_memory_bytes"]),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 3 * limits["max_pixels"] + 65536),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def decode(limits: dict[str, Any]) -> dict[str, Any]:
    """Write every frame of the first video stream to standard output; return its description."""
    # Imported under the memory limit and before descriptors run short. No numpy: half the start-up.
    import av
    from av.video.stream import VideoStream

    from provenance import _file_labels

    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
    output = sys.stdout.buffer
    count, damaged, size, rotation, start = 0, 0, None, 0, None
    with av.open(
        io.FileIO(sys.stdin.fileno()),
        mode="r",
        options={"export_xmp": "1"},
        container_options={"format_whitelist": ",".join(DEMUXERS), "protocol_whitelist": "none"},
        metadata_errors="replace",
    ) as container:
        labels = _file_labels.of_video(container.metadata)
        still = container.format.name in _file_labels.STILLS
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            return {"error": "unreadable", "detail": "the file has no video stream"}
        rate = float(stream.average_rate or stream.guessed_rate or Fraction(1))
        stated = stream.duration and stream.time_base and float(stream.duration * stream.time_base)
        check_seconds(stated or 0.0, limits)
        check_size(1, stream.width, stream.height, limits)
        stream.codec_context.thread_count = THREADS
        stream.codec_context.options = {"max_pixels": str(limits["max_frame_pixels"])}
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                damaged += 1
                if damaged > MAX_CONSECUTIVE_DAMAGED:
                    break
                continue
            for frame in frames:
                check_size(count + 1, frame.width, frame.height, limits)
                if size is None:
                    size, rotation = (frame.width, frame.height), frame.rotation
                if size != (frame.width, frame.height):
                    return {"error": "refused", "detail": "the frame size changes mid-stream"}
                if frame.time is not None:
                    start = frame.time if start is None else start
                    check_seconds(frame.time - start, limits)
                check_seconds(count / rate, limits)
                plane = frame.reformat(format="rgb24", threads=1).planes[0]
                pixels = memoryview(plane)
                for row in range(0, plane.line_size * frame.height, plane.line_size):
                    output.write(pixels[row : row + 3 * frame.width])
                count, damaged = count + 1, 0
    output.flush()
    if size is None:
        return {"error": "unreadable", "detail": "no frame could be decoded"}
    if still:
        labels = _file_labels.of_picture(io.FileIO(sys.stdin.fileno(), closefd=False))
    width, height = size
    return {
        "frames": count,
        "height": height,
        "width": width,
        "rotation": rotation,
        "fps": rate,
        "labels": labels,
    }


def check_seconds(seconds: float, limits: dict[str, Any]) -> None:
    """Raise LimitError for a longer playing time than the limits allow."""
    if seconds > limits["max_seconds"]:
        raise LimitError("max_seconds", f"the video runs for {seconds:.1f} s or more")


def check_size(frames: int, width: int, height: int, limits: dict[str, Any]) -> None:
    """Raise LimitError for more frames or pixels, in one or in all, than the limits allow."""
    if width * height > limits["max_frame_pixels"]:
        raise LimitError("max_frame_pixels", f"a picture of {width}x{height}")
    if frames > limits["max_frames"]:
        raise LimitError("max_frames", f"{frames} frames or more")
    if frames * width * height > limits["max_pixels"]:
        raise LimitError("max_pixels", f"{frames} frames or more of {width}x{height}")


def too_little_memory() -> dict[str, Any]:
    """The report of a decoder that ran out of address space."""
    return {"error": "limit", "limit": "max_memory_bytes", "detail": "decoding needs more memory"}


def main() -> None:
    """Decode under the limits in the first argument; report on the descriptor in the second."""
    limits = json.loads(sys.argv[1])
    restrict(limits)
    sys.path.insert(0, str(Path(__file__).parents[1]))  # which -I leaves out
    try:
        report = decode(limits)
    except LimitError as refusal:
        report = {"error": "limit", "limit": refusal.args[0], "detail": refusal.args[1]}
    except MemoryError:
        report = too_little_memory()
    except (OSError, ValueError) as error:  # FFmpeg's own errors are one or the other
        number = getattr(error, "errno", None)
        if number in (errno.ENOSPC, errno.EDQUOT):
            report = {"error": "storage", "detail": "no room left for decoded frames"}
        elif number == errno.EAGAIN:  # no address space for a decoder thread's stack
            report = too_little_memory()
        else:
            detail = getattr(error, "strerror", None) or str(error)
            report = {"error": "unreadable", "detail": detail}
    with os.fdopen(int(sys.argv[2]), "w") as file:
        json.dump(report, file)


if __name__ == "__main__":
    main()
