"""Does `detect` ever claim a mark of ours where there is none?"""

import hashlib

import cv2
import numpy as np

from . import attacks, clips, drawn, marks
from .attacks import Frame, Frames, codec
from .markdown import table
from .options import Options
from .results import Row, Task, our_version

SECTION = "false_positives"
KINDS = {
    "pictures": "natural pictures",
    "clips": "unmarked clips, attacked or not",
    "other keys": "clips with marks of another key",
}
BATCH = 50
PICTURES = 20_000
SIDES = (128, 224)
"""Range of the pictures' sides in pixels."""
CLIP_ATTACKS = (
    "none", "h264_28", "h265_35", "jpeg_25", "resize_75", "stretch_16x9", "crop_75r_back", "rot_2",
    "rot_90", "hflip", "perspective_3", "pillarbox_16x9", "noise_10", "sharpen", "gray",
    "single_frame", "fps24_blend", "screencap_mild", "social_480p", "rm_vae_proxy",
)  # fmt: skip
MARKED_ATTACKS = ("none", "h264_28", "crop_75r", "resize_75", "rot_2", "trim_1s")
LEVELS = range(1, 6)
"""Negative powers of ten at which the bounds are counted."""


def tasks(options: Options) -> list[Task]:
    """Pictures in batches, whole clips, and clips that carry marks of another key."""
    batches = (PICTURES // BATCH) // (20 if options.quick else 1)
    unmarked = [*clips.clean(), *options.natural, *options.drawn]
    found = {f"pictures/{seed}": (measure_pictures, (seed,)) for seed in range(batches)}
    for clip in unmarked:
        wanted = CLIP_ATTACKS[:1] if options.quick or clip in drawn.DRAWN else CLIP_ATTACKS
        found |= {f"clips/{clip}/{name}": (measure_clip, (clip, name)) for name in wanted}
    for clip in options.natural + options.drawn:
        wanted = MARKED_ATTACKS[:1] if options.quick else MARKED_ATTACKS
        found |= {f"other keys/{clip}/{name}": (measure_marked, (clip, name)) for name in wanted}
    version = our_version()
    return [Task(SECTION, case, version, measure, args) for case, (measure, args) in found.items()]


def measure_pictures(seed: int) -> Row:
    """A batch of pictures made of unmarked natural frames."""
    rng = np.random.default_rng(seed)
    names = (*clips.clean(), *clips.natural())
    # Decoding costs more than a look at a picture, so a batch uses one clip.
    frames = clips.load(names[seed % len(names)])
    return _look([picture(frames, rng)[None] for _ in range(BATCH)], marks.KEY)


def picture(frames: Frames, rng: np.random.Generator) -> Frame:
    """A random part of a random frame, resized, perhaps turned, mirrored or compressed."""
    frame = frames[rng.integers(len(frames))]
    width, height = (int(side) for side in rng.integers(*SIDES, size=2))
    kept = rng.uniform(0.3, 1.0)
    free = (frame.shape[0] * (1 - kept), frame.shape[1] * (1 - kept))
    top, left = (int(rng.uniform(0, space)) for space in free)
    part = frame[top : top + int(frame.shape[0] * kept), left : left + int(frame.shape[1] * kept)]
    sized = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    turned = np.rot90(sized[:, ::-1] if rng.random() < 0.5 else sized, rng.integers(4))
    whole = np.ascontiguousarray(turned)
    return codec.still(whole, ".jpg", int(rng.integers(30, 96))) if rng.random() < 0.5 else whole


def measure_clip(clip: str, attack: str) -> Row:
    """An unmarked clip, changed."""
    return _look([_changed(clips.load(clip), attack)], marks.KEY)


def measure_marked(clip: str, attack: str) -> Row:
    """A clip that carries our mark, looked at with a key that is not its own."""
    other = hashlib.sha256(f"other key {clip} {attack}".encode()).digest()
    return _look([_changed(marks.marked(clip), attack)], other)


def _changed(frames: Frames, attack: str) -> Frames:
    return attacks.apply(attack, attacks.Clip(frames, clips.FPS), clips.foreign()).frames


def _look(subjects: list[Frames], key: bytes) -> Row:
    from provenance.watermark import detect

    found = [detect(frames, [key]) for frames in subjects]
    bounds = [each.log10_false_positive for each in found]
    return {
        "looks": len(found),
        "ids": sum(each.mark_id is not None for each in found),
        "presences": sum(bool(each.segments) for each in found),
        "strongest": round(min(bounds), 2),
        "at_level": [sum(bound <= -level for bound in bounds) for level in LEVELS],
    }


def summary(rows: list[Row]) -> str:
    """Counts by kind of material."""
    answers, chances = [], []
    for kind, label in KINDS.items():
        own = [row for row in rows if row["case"].startswith(kind)]
        if not own:
            continue
        looks, ids, presences = (sum(r[k] for r in own) for k in ("looks", "ids", "presences"))
        strongest = min(row["strongest"] for row in own)
        answers.append((label, f"{looks:,}", ids, presences, f"1e{strongest:.1f}"))
        counts = np.sum([row["at_level"] for row in own], axis=0)
        pairs = zip(counts, LEVELS, strict=True)
        chances.append((label, *(f"{n} ({looks * 10.0**-level:.3g})" for n, level in pairs)))
    levels = [f"≤ 1e-{level}" for level in LEVELS]
    return (
        f"{table(('material', 'looks', 'ids', 'presences', 'lowest bound'), answers)}\n\n"
        "How often the bound that `detect` gives fell to a level by chance, beside how often the "
        "bound allows:\n\n"
        f"{table(('material', *levels), chances)}"
    )
