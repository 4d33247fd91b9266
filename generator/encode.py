"""Frames to MP4: H.264, yuv420p, faststart, through PyAV and libx264."""

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from generator.base import Frames, InvalidRequest

_BT709 = 1  # ITU-T H.273 code point of the primaries and the transfer characteristics
_MATRIX_BT709 = 1
_MATRIX_BT601 = 6
_SD_MAX_HEIGHT = 576

# x264's output depends on the number of threads: with a fixed number, the same frames give the
# same bytes whatever the machine's core count. Without B-frames the file needs no edit list, which
# some readers ignore and then miscount frames. On natural video veryfast costs 1 dB at the same
# size and takes a third of the time of medium.
_NO_METADATA: Mapping[str, str] = MappingProxyType({})
_X264 = {"threads": "4", "bf": "0", "preset": "veryfast"}


def encode(
    frames: Frames,
    fps: float,
    path: Path,
    *,
    crf: int = 18,
    metadata: Mapping[str, str] = _NO_METADATA,
) -> None:
    """Write `frames` (uint8 RGB, (N, H, W, 3), N >= 1, even H and W) to `path` as MP4.

    fps: frames per second. crf: x264's constant rate factor, 0 (lossless) to 51.
    metadata: keys and values for the file's moov/udta/meta box (as QuickTime's mdta keys).
    The colour matrix follows the size as players assume it for untagged video, BT.601 up to 576
    lines and BT.709 above, limited range, and is tagged (ITU-T H.273) as it was applied; primaries
    and transfer are BT.709's, which RGB frames share. When this returns, the file is complete and
    on disk; on failure nothing is left at `path`.

    Raises InvalidRequest for frames that H.264 4:2:0 cannot hold, or an impossible fps or crf.
    """
    _check(frames, fps, crf)
    try:
        _write(frames, Fraction(fps).limit_denominator(1001), path, crf, metadata)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _check(frames: Frames, fps: float, crf: int) -> None:
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
        raise InvalidRequest(
            "frames", f"frames must be uint8 (N, H, W, 3), not {frames.dtype} {frames.shape}."
        )
    count, height, width, _ = frames.shape
    if not (count and height and width):
        raise InvalidRequest("frames", "there is no frame to encode.")
    if height % 2 or width % 2:
        raise InvalidRequest(
            "frames",
            f"H.264 needs even sides, not {width}x{height}: crop or resize the picture first.",
        )
    if not 0 < fps <= 1000:
        raise InvalidRequest("fps", f"fps must be above 0 and at most 1000, not {fps}.")
    if not 0 <= crf <= 51:
        raise InvalidRequest("crf", f"crf must be between 0 and 51, not {crf}.")


def _write(
    frames: Frames, rate: Fraction, path: Path, crf: int, metadata: Mapping[str, str]
) -> None:
    _, height, width, _ = frames.shape
    sd = height <= _SD_MAX_HEIGHT
    options = {"movflags": "+faststart+use_metadata_tags", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata.update(metadata)
        stream = container.add_stream("libx264", rate=rate, options={**_X264, "crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        codec = stream.codec_context
        codec.time_base = 1 / rate
        codec.color_range = ColorRange.MPEG
        codec.color_primaries = _BT709
        codec.color_trc = _BT709
        codec.colorspace = _MATRIX_BT601 if sd else _MATRIX_BT709
        for index, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU601 if sd else Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
