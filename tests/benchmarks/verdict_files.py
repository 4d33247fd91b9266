"""Files to be judged, each with the verdicts that are right for it: see `verdict_cases`.

Right is what docs/verdicts.md says. Where two verdicts are honest, both are: what lies over a
picture may or may not be outlined (`altered`, `partial`), and what plain pictures show may be too
little to refute anything.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from api.caller import Caller
from api.service import Service
from generator.demo import draw, world
from generator.encode import encode
from provenance.verdict import Verdict
from tests.api.released import Released, release
from tests.api.test_c2pa_vectors import Stranger, box, created, flipped, span
from tests.benchmarks.watermark import clips
from tests.benchmarks.watermark.attacks import Clip, Frames, apply

WIDTH, HEIGHT, COUNT, FPS = 480, 320, 16, 8
VIDEOS = 20
KEEPS_ALL = (
    "h264_23", "h264_28", "h264_23_ultrafast", "resize_75", "resize_jitter", "crop_90c", "crop_90r",
    "crop_75c", "drop_25", "dup_25", "speed_2x", "hflip", "bright_120", "reverse",
)  # fmt: skip
COVERS = ("overlay_caption", "overlay_logo", "pip_foreign_on_ours", "letterbox_1x1")
"""Attacks of the watermark study, all of its tier core."""
_OWNER = Caller("default", "benchmark")


@dataclass(frozen=True)
class Case:
    """A file and the verdicts that are right for it. `released`: its pictures and its manifest are
    those of a released video. `ours`: it holds pictures, a mark or a manifest of one."""

    path: Path
    right: frozenset[Verdict]
    released: bool = False
    ours: bool = True


class Studio:
    """Makes files of each kind from our released videos, from clips of nobody, and with a
    stranger's certificate; `chance` decides which, and what is done to them."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.chance = np.random.default_rng(0)
        self._released: dict[int, tuple[Frames, Released]] = {}
        self._whole: dict[str, Released] = {}

    @cached_property
    def stranger(self) -> Stranger:
        return Stranger(self.folder)

    # What the files are made of

    def video(self, number: int | None = None) -> tuple[Frames, Released]:
        """One of ours, as it was before it was marked and as it was released; any by default."""
        which = int(self.chance.integers(VIDEOS)) if number is None else number
        if which not in self._released:
            plain = _pictures(which)
            self._released[which] = (plain, release(self.service, self.folder, plain))
        return self._released[which]

    def full_size(self, clip: str) -> Released:
        """A whole clip, released."""
        if clip not in self._whole:
            self._whole[clip] = release(self.service, self.folder, clips.load(clip))
        return self._whole[clip]

    def natural(self) -> Frames:
        """A stretch of a clip that we never had."""
        names = clips.clean()
        start = int(self.chance.integers(clips.COUNT - COUNT))
        frames = clips.load(names[self.chance.integers(len(names))])[start : start + COUNT]
        return self._cut(frames) if self.chance.random() < 0.5 else _sized(frames)

    def drawn(self) -> Frames:
        """A plain scene, like those of the demo model, that we never had."""
        return _scene(1000 + int(self.chance.integers(10_000)))

    def _cut(self, frames: Frames) -> Frames:
        left = int(self.chance.integers(frames.shape[2] - WIDTH))
        top = int(self.chance.integers(frames.shape[1] - HEIGHT))
        return frames[:, top : top + HEIGHT, left : left + WIDTH]

    def attacked(self, frames: Frames, attacks: Iterable[str]) -> Clip:
        clip, foreign, seed = Clip(frames, FPS), self.natural(), int(self.chance.integers(2**31))
        for attack in attacks:
            clip = apply(attack, clip, foreign, seed)
        return clip

    def some(self, attacks: tuple[str, ...], least: int, most: int) -> list[str]:
        return list(self.chance.choice(attacks, int(self.chance.integers(least, most + 1)), False))

    # What they are written as

    def write(self, clip: Clip, crf: int | None = None) -> Path:
        """A file without manifest or metadata."""
        path = self.folder / "case.mp4"
        height, width = (side - side % 2 for side in clip.frames.shape[1:3])
        crf = int(self.chance.choice((18, 23))) if crf is None else crf
        encode(np.ascontiguousarray(clip.frames[:, :height, :width]), clip.fps, path, crf=crf)
        return path

    def write_bytes(self, content: bytes) -> Path:
        path = self.folder / "case.mp4"
        path.write_bytes(content)
        return path

    def graft(self, manifest_of: Released, path: Path) -> Path:
        """Puts the manifest of a released file behind all that another file holds."""
        content = manifest_of.path.read_bytes()
        start, end = span(content, b"uuid")
        return self.write_bytes(path.read_bytes() + content[start:end])

    def signed(self, path: Path, *actions: dict[str, Any], **manifest: Any) -> Path:
        """The file as a stranger signs it; `manifest` as for `Stranger.sign`."""
        said = actions or (created("trainedAlgorithmicMedia"),)
        return self.write_bytes(self.stranger.sign(*said, clip=path.read_bytes(), **manifest))


def _pictures(number: int) -> Frames:
    """What one of our videos shows: whole clips, parts of such, demo scenes, study drawings."""
    natural = clips.natural()
    if number < 2 * len(natural):
        frames = clips.load(natural[number % len(natural)])
        if number < len(natural):
            return _sized(frames[:COUNT])
        return frames[-COUNT:, 80 : 80 + HEIGHT, 120 : 120 + WIDTH].copy()
    number -= 2 * len(natural)
    drawings = tuple(clips.drawn.DRAWN)
    if number < len(drawings):
        return _sized(clips.load(drawings[number])[::3][:COUNT])
    return _scene(number)


def _scene(seed: int) -> Frames:
    return _sized(draw.draw(world.sample(seed), range(0, 3 * COUNT, 3)))


def _sized(frames: Frames) -> Frames:
    method = cv2.INTER_AREA if frames.shape[2] > WIDTH else cv2.INTER_CUBIC
    return np.stack([cv2.resize(frame, (WIDTH, HEIGHT), interpolation=method) for frame in frames])


def _plain(frames: Frames) -> bool:
    """Whether hardly any of the picture shows anything."""
    luma = frames[len(frames) // 2].mean(axis=2)
    return float(np.mean(np.hypot(*np.gradient(luma)) > 2)) < 0.2


def _right(*verdicts: Verdict) -> frozenset[Verdict]:
    return frozenset(verdicts)


# Copies of ours


def released(studio: Studio) -> Case:
    return Case(studio.video()[1].path, _right("authentic"), released=True)


def padded(studio: Studio) -> Case:
    content = studio.video()[1].path.read_bytes()
    path = studio.write_bytes(content + box(b"free", bytes(500)))
    return Case(path, _right("authentic"), released=True)


def released_then_deleted(studio: Studio) -> Case:
    """Copies of what its owner deleted: there is no fingerprint any more."""
    plain, _ = studio.video()
    video = release(studio.service, studio.folder, plain)
    studio.service.intake.delete(video.video_id, _OWNER)
    if studio.chance.random() < 0.3:
        return Case(video.path, _right("authentic"), released=True)
    copy = studio.attacked(video.frames, studio.some(KEEPS_ALL, 1, 2))
    return Case(studio.write(copy), _right("altered"))


def chain(studio: Studio) -> Case:
    """One to three changes that leave nothing out and add nothing."""
    copy = studio.attacked(studio.video()[1].frames, studio.some(KEEPS_ALL, 0, 2))
    return Case(studio.write(copy), _right("altered"))


def encoded_hard(studio: Studio) -> Case:
    """H.264 at crf 33, of a video in full size: 720x480, 49 frames."""
    names = clips.natural()
    video = studio.full_size(names[studio.chance.integers(len(names))])
    return Case(studio.write(Clip(video.frames, FPS), crf=33), _right("altered"))


def chain_under_a_cover(studio: Studio) -> Case:
    """A caption, a logo, a foreign inset or bars, among up to two other changes."""
    attacks = [*studio.some(KEEPS_ALL, 0, 1), *studio.some(COVERS, 1, 1)]
    copy = studio.attacked(studio.video()[1].frames, attacks)
    return Case(studio.write(copy), _right("altered", "partial"))


def container(studio: Studio) -> Case:
    """The same stream in another container or in a new one of the same kind."""
    _, video = studio.video()
    path = studio.folder / f"case{studio.chance.choice(('.mp4', '.mkv', '.mov'))}"
    with av.open(str(video.path)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return Case(path, _right("altered"))


def spliced(studio: Studio) -> Case:
    """Among foreign pictures, before or behind them, over all of time or beside them."""
    frames, foreign = studio.video()[1].frames, studio.natural()
    layouts: list[Callable[[], Frames]] = [
        lambda: np.concatenate([foreign, frames]),
        lambda: np.concatenate([frames, foreign]),
        lambda: np.concatenate([foreign[:8], frames, foreign[8:]]),
        lambda: np.concatenate([frames, foreign], axis=2),
    ]
    joined = Clip(layouts[studio.chance.integers(len(layouts))](), FPS)
    return Case(studio.write(joined), _right("partial"))


def two_of_ours(studio: Studio) -> Case:
    one, other = studio.chance.choice(VIDEOS, 2, replace=False)
    frames = [studio.video(int(number))[1].frames for number in (one, other)]
    return Case(studio.write(Clip(np.concatenate(frames), FPS)), _right("partial"))


def own_manifest_on_a_copy(studio: Studio) -> Case:
    _, video = studio.video()
    copy = studio.attacked(video.frames, studio.some(KEEPS_ALL, 0, 2))
    return Case(studio.graft(video, studio.write(copy)), _right("altered"))


def own_manifest_mark_gone(studio: Studio) -> Case:
    """The manifest on the pictures as they were before they were marked."""
    plain, video = studio.video()
    copy = studio.attacked(plain, studio.some(KEEPS_ALL, 0, 1))
    return Case(studio.graft(video, studio.write(copy)), _right("altered", "unknown"))


def own_manifest_mark_gone_covered(studio: Studio) -> Case:
    """The same under a cover: whoever only fails to read must not accuse."""
    plain, video = studio.video()
    attacks = [*studio.some(KEEPS_ALL, 0, 1), *studio.some(COVERS, 1, 1)]
    copy = studio.attacked(plain, attacks)
    return Case(studio.graft(video, studio.write(copy)), _right("altered", "unknown"))


# Changes that only a signature shows


def one_pixel(studio: Studio) -> Case:
    _, video = studio.video()
    with av.open(str(video.path)) as old:
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in old.decode(video=0)])
    time, y, x = (studio.chance.integers(length) for length in frames.shape[:3])
    frames[time, y, x] = 255 - frames[time, y, x]
    path = studio.write(Clip(frames, FPS), crf=0)
    return Case(studio.graft(video, path), _right("altered"))


def one_byte_of_the_stream(studio: Studio) -> Case:
    content = studio.video()[1].path.read_bytes()
    _, end = span(content, b"mdat")
    path = studio.write_bytes(flipped(content, int(studio.chance.integers(end - 200, end))))
    return Case(path, _right("altered", "partial", "unreadable"))


def one_byte_of_the_manifest(studio: Studio) -> Case:
    content = studio.video()[1].path.read_bytes()
    start, end = span(content, b"uuid")
    path = studio.write_bytes(flipped(content, int(studio.chance.integers(start + 8, end))))
    return Case(path, _right("altered"))


def signed_anew(studio: Studio) -> Case:
    """A copy under a stranger's signature, which may use our manifest's name."""
    _, video = studio.video()
    copy = studio.write(studio.attacked(video.frames, studio.some(KEEPS_ALL, 0, 1)))
    label = {"label": video.manifest_label} if studio.chance.random() < 0.5 else {}
    return Case(studio.signed(copy, **label), _right("altered"))


# Forgeries


def swapped_manifest(studio: Studio) -> Case:
    one, other = studio.chance.choice(VIDEOS, 2, replace=False)
    (_, giver), (_, taker) = studio.video(int(one)), studio.video(int(other))
    path = studio.write(studio.attacked(taker.frames, studio.some(KEEPS_ALL, 0, 1)))
    return Case(studio.graft(giver, path), _right("conflicting"))


def manifest_on_foreign(studio: Studio) -> Case:
    """As it was, or its name under a stranger's signature."""
    plain, video = studio.video()
    foreign = studio.natural()
    path = studio.write(studio.attacked(foreign, studio.some(KEEPS_ALL, 0, 1)))
    if studio.chance.random() < 0.5:
        path = studio.signed(path, label=video.manifest_label)
    else:
        path = studio.graft(video, path)
    return Case(path, _right("transplanted", *(("unknown",) if _plain(plain) else ())))


def manifest_on_foreign_scene(studio: Studio) -> Case:
    """On a plain scene, which shows too little to be refuted for sure."""
    path = studio.write(Clip(studio.drawn(), FPS))
    return Case(studio.graft(studio.video()[1], path), _right("transplanted", "unknown"))


def pasted_mark(studio: Studio) -> Case:
    """The difference that the mark makes to one of ours, added to foreign pictures."""
    plain, video = studio.video()
    foreign = studio.natural()
    path = studio.write(
        studio.attacked(_pasted(plain, video.frames, foreign), studio.some(KEEPS_ALL, 0, 1)), 18
    )
    unclear: tuple[Verdict, ...] = ("altered", "partial") if _plain(plain) else ()
    return Case(path, _right("transplanted", *unclear))


def pasted_mark_and_manifest(studio: Studio) -> Case:
    plain, video = studio.video()
    path = studio.write(Clip(_pasted(plain, video.frames, studio.natural()), FPS), 18)
    unclear: tuple[Verdict, ...] = ("altered", "partial") if _plain(plain) else ()
    return Case(studio.graft(video, path), _right("transplanted", *unclear))


def _pasted(plain: Frames, marked: Frames, foreign: Frames) -> Frames:
    residual = marked.astype(np.int16) - plain
    return np.clip(foreign + residual, 0, 255).astype(np.uint8)


# Files of others


def others_credential(studio: Studio) -> Case:
    path = studio.write(Clip(studio.natural(), FPS))
    says: list[tuple[str, Verdict]] = [
        ("trainedAlgorithmicMedia", "other_generator"),
        ("compositeWithTrainedAlgorithmicMedia", "other_generator"),
        ("digitalCapture", "unknown"),
        ("algorithmicMedia", "unknown"),
    ]
    said, verdict = says[studio.chance.integers(len(says))]
    return Case(studio.signed(path, created(said)), _right(verdict), ours=False)


def others_broken_credential(studio: Studio) -> Case:
    content = studio.signed(studio.write(Clip(studio.natural(), FPS))).read_bytes()
    path = studio.write_bytes(flipped(content, span(content, b"mdat")[1] - 1))
    return Case(path, _right("unknown"), ours=False)


def clean_natural(studio: Studio) -> Case:
    clip = studio.attacked(studio.natural(), studio.some((*KEEPS_ALL, *COVERS), 0, 3))
    return Case(studio.write(clip), _right("unknown"), ours=False)


def clean_drawn(studio: Studio) -> Case:
    clip = studio.attacked(studio.drawn(), studio.some(KEEPS_ALL, 0, 2))
    return Case(studio.write(clip), _right("unknown"), ours=False)
