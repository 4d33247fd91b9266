"""Lossy formats: real encoders at the settings that people and platforms use."""

import io
import os
from fractions import Fraction
from functools import partial

# Read by the AV1 encoder when it starts: errors only.
os.environ.setdefault("SVT_LOG", "1")

import av
import cv2
import numpy as np
from PIL import Image

from .base import Clip, Frame, Frames, framewise, plain, register

av.logging.set_level(av.logging.PANIC)


def encode(
    clip: Clip,
    codec: str,
    *,
    pixel_format: str = "yuv420p",
    container: str = "mp4",
    bit_rate: int | None = None,
    **options: object,
) -> bytes:
    """A video file. bit_rate: bits a second; options: the encoder's own, as FFmpeg names them.
    An odd row or column at the edge is cut off."""
    width, height = (side - side % 2 for side in clip.size)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=Fraction(clip.fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.thread_count = 1  # the study's processes use the cores already
        if bit_rate:
            stream.bit_rate = bit_rate
        stream.options = {name.replace("_", "-"): str(value) for name, value in options.items()}
        for frame in clip.frames[:, :height, :width]:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            output.mux(stream.encode(picture))
        output.mux(stream.encode())
    return file.getvalue()


def decode(file: bytes) -> Frames:
    """All frames of a video file."""
    with av.open(io.BytesIO(file)) as source:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])


def transcode(clip: Clip, codec: str, **settings: object) -> Clip:
    """The clip after encoding and decoding; settings as for `encode`."""
    return clip.showing(decode(encode(clip, codec, **settings)))


h264 = partial(transcode, codec="libx264", preset="medium")
h265 = partial(transcode, codec="libx265", preset="fast", x265_params="log-level=none")
av1 = partial(transcode, codec="libsvtav1", preset=8)
vp9 = partial(
    transcode, codec="libvpx-vp9", container="webm", deadline="good", cpu_used=5, row_mt=1
)


def still(frame: Frame, extension: str, quality: int) -> Frame:
    """A frame after a still picture format, ".jpg" or ".webp", of quality 0..100."""
    setting = cv2.IMWRITE_JPEG_QUALITY if extension == ".jpg" else cv2.IMWRITE_WEBP_QUALITY
    _, file = cv2.imencode(extension, frame[..., ::-1], [setting, quality])
    return cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1]


def generations(clip: Clip, count: int, crf: int) -> Clip:
    """Encoded anew `count` times."""
    for _ in range(count):
        clip = h264(clip, crf=crf)
    return clip


def gif_frame(frame: Frame) -> Frame:
    """Two thirds of the size in 256 dithered colours, as text-to-video demos are shared."""
    small = cv2.resize(frame, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)
    picture = Image.fromarray(small).quantize(
        256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG
    )
    return np.asarray(picture.convert("RGB"))


register("none", "codec", "core", plain(lambda clip: clip))
for _crf in (18, 23, 28, 33):
    register(f"h264_{_crf}", "codec", "core", plain(h264, crf=_crf))
register("h264_40", "codec", "hard", plain(h264, crf=40))
register("h264_23_ultrafast", "codec", "core", plain(h264, crf=23, preset="ultrafast"))
register("h264_28_slow", "codec", "core", plain(h264, crf=28, preset="slow"))
register("h264_23_444", "codec", "core", plain(h264, crf=23, pixel_format="yuv444p"))
register("h264_200k", "codec", "hard", plain(h264, bit_rate=200_000))
register("h264_23x3", "codec", "core", plain(generations, 3, crf=23))
register("h265_28", "codec", "core", plain(h265, crf=28))
register("h265_35", "codec", "hard", plain(h265, crf=35))
register("av1_35", "codec", "core", plain(av1, crf=35))
register("av1_50", "codec", "hard", plain(av1, crf=50))
register("vp9_33", "codec", "core", plain(vp9, crf=33))
register("vp9_45", "codec", "hard", plain(vp9, crf=45))
register("mpeg4_q8", "codec", "core", plain(transcode, "mpeg4", qmin=8, qmax=8))
register("gif", "codec", "hard", framewise(gif_frame))
register("jpeg_50", "codec", "core", framewise(still, ".jpg", 50))
register("jpeg_25", "codec", "hard", framewise(still, ".jpg", 25))
register("webp_50", "codec", "core", framewise(still, ".webp", 50))
