"""Copies of a video are found and told from others, whatever was done to them."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.fingerprint import (
    Fingerprint,
    Index,
    Placement,
    compare,
    examine,
    fingerprint,
    indexed_codes,
    refutes,
)

Frames = np.ndarray


def scene(seed: int, size: tuple[int, int] = (360, 240)) -> Frames:
    """Twelve frames of soft shapes that drift."""
    width, height = size
    cells = np.random.default_rng(seed).uniform(0, 255, (10, 15, 3))
    whole = cv2.resize(cells, (width + 40, height + 40), interpolation=cv2.INTER_CUBIC)
    whole = np.clip(whole, 0, 255).astype(np.uint8)
    return np.stack([whole[2 * t : 2 * t + height, 3 * t : 3 * t + width] for t in range(12)])


def resized(frames: Frames, width: int, height: int) -> Frames:
    return np.stack([cv2.resize(frame, (width, height)) for frame in frames])


def boxed(frames: Frames) -> Frames:
    return np.pad(frames, ((0, 0), (60, 60), (0, 0), (0, 0)))


COPIES: dict[str, Callable[[Frames], Frames]] = {
    "none": lambda frames: frames,
    "half size": lambda frames: resized(frames, 180, 120),
    "stretched": lambda frames: resized(frames, 426, 240),
    "cropped to 75 %": lambda frames: frames[:, 50:230, 15:285],
    "cropped to a square": lambda frames: frames[:, :, 60:300],
    "mirrored": lambda frames: frames[:, :, ::-1],
    "upside down": lambda frames: frames[:, ::-1, ::-1],
    "turned by a quarter": lambda frames: np.rot90(frames, axes=(1, 2)),
    "within bars": boxed,
    "trimmed": lambda frames: frames[5:9],
    "one frame": lambda frames: frames[7:8],
    "twice as fast": lambda frames: frames[::2],
    "darker": lambda frames: (frames * 0.6).astype(np.uint8),
}


@pytest.fixture(scope="module")
def stored() -> dict[str, Fingerprint]:
    return {f"video_{seed}": fingerprint(scene(seed)) for seed in range(40)}


@pytest.fixture(scope="module")
def index(stored: dict[str, Fingerprint]) -> Index:
    index = Index()
    index.add((video_id, indexed_codes(own)) for video_id, own in stored.items())
    return index


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_found_and_agrees(
    copy: str, stored: dict[str, Fingerprint], index: Index
) -> None:
    query = examine(COPIES[copy](scene(3)))
    assert index.search(query)[0] == "video_3"
    match = compare(query, stored["video_3"])
    assert match.agrees
    assert match.score > 0.8


def test_other_videos_do_not_agree(stored: dict[str, Fingerprint]) -> None:
    query = examine(scene(3))
    for video_id, own in stored.items():
        match = compare(query, own)
        assert match.agrees == (video_id == "video_3")
        assert match.differs != match.agrees


def test_a_known_place_is_compared_there_alone(stored: dict[str, Fingerprint]) -> None:
    """Of what a mark tells: the linear part, and the shift up to a period."""
    half = Placement(((2.0, 0.0, 80.0), (0.0, 2.0, 20.0)), 128)  # 128 too far to the right
    inner = resized(scene(3)[:, 20:220, 80 - 128 + 128 : 320], 120, 100)
    assert compare(examine(inner), stored["video_3"], half).agrees
    assert compare(examine(resized(scene(4), 180, 120)), stored["video_3"], half).differs
    upright = Placement(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), 128)
    assert not compare(examine(scene(3)[:, :, ::-1]), stored["video_3"], upright).agrees


def test_covering_a_plain_picture_makes_no_other_of_it() -> None:
    """What lies over plain pictures outweighs all that they showed."""
    upright = Placement(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), 128)
    plain = np.stack([cv2.resize(frame, (360, 240)) for frame in scene(3) // 24 + 120])
    own = fingerprint(plain)
    subtitle = plain.copy()
    subtitle[:, 200:225, 20:340] = 255
    subtitle[:, 206:219, 30:330:3] = 0
    inset = plain.copy()
    inset[:, 10:110, 180:350] = scene(4)[:, :100, :170]
    for covered in (subtitle, inset):
        query = examine(covered)
        assert compare(query, own, upright).differs
        assert not refutes(query, own, upright)
    assert all(refutes(examine(scene(seed)), own, upright) for seed in (4, 5))


def without_middle(frames: Frames) -> Frames:
    """With a plain rectangle over the middle third."""
    covered = frames.copy()
    covered[:, 50:190, 75:285] = (250, 240, 90)
    return covered


@pytest.mark.parametrize(
    "copy",
    [
        without_middle(scene(3)[::3]),  # codes are of the middle
        without_middle(scene(3)[::3])[:, :, ::-1],
        np.pad(scene(3)[::3], ((0, 0), (200, 200), (0, 0), (0, 0)), mode="edge"),
    ],
    ids=["middle covered", "mirrored, too", "in another shape"],
)
def test_nothing_is_refuted_where_only_the_place_was_not_found(
    copy: Frames, stored: dict[str, Fingerprint]
) -> None:
    query = examine(copy)
    assert compare(query, stored["video_3"]).differs
    assert not refutes(query, stored["video_3"])


def test_pictures_that_show_something_else_are_refuted_without_a_place(
    stored: dict[str, Fingerprint],
) -> None:
    assert refutes(examine(scene(4)[::3]), stored["video_3"])


def test_plain_videos_are_not_refuted_without_a_place() -> None:
    """What lies over them outweighs them, wherever that is."""
    plain = np.full((4, 240, 360, 3), 120, np.uint8)
    plain[:, 90:150, 150:210] = (200, 60, 40)
    assert not refutes(examine(scene(4)), fingerprint(plain))


def test_flat_pictures_say_nothing() -> None:
    flat = np.full((3, 128, 128, 3), 90, np.uint8)
    match = compare(examine(flat), fingerprint(flat))
    assert not match.agrees
    assert not match.differs
    assert match.pictures == 0


def test_bytes_hold_everything_and_nothing_else_is_read(stored: dict[str, Fingerprint]) -> None:
    content = stored["video_1"].to_bytes()
    again = Fingerprint.from_bytes(content)
    assert (again.codes == stored["video_1"].codes).all()
    assert (again.sketches == stored["video_1"].sketches).all()
    assert again.to_bytes() == content
    longest = fingerprint(np.repeat(scene(1), 10, axis=0)).to_bytes()
    assert len(longest) == 6346
    for broken in (b"", content[:-1], content + b"\0", b"\2" + content[1:]):
        with pytest.raises(ValueError, match="no fingerprint"):
            Fingerprint.from_bytes(broken)


def test_portrait_videos_are_stored_lying_and_found_upright() -> None:
    tall = scene(8, (240, 360))
    own = fingerprint(tall)
    assert (own.width, own.height) == (240, 360)
    assert compare(examine(tall[:, 40:, :200]), own).agrees
    upright = Placement(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), 128)
    assert compare(examine(tall), own, upright).correlation == pytest.approx(1)


def test_an_index_grows_by_one_as_by_many(stored: dict[str, Fingerprint], index: Index) -> None:
    slowly = Index()
    for video_id, own in stored.items():
        slowly.add([(video_id, indexed_codes(own))])
    slowly.add([])
    assert len(slowly) == len(index) == 40
    for seed in (0, 17, 39):
        assert slowly.search(examine(scene(seed)))[0] == f"video_{seed}"
    assert Index().search(examine(scene(0))) == []


def test_a_video_without_frames_has_no_fingerprint() -> None:
    with pytest.raises(ValueError, match="without frames"):
        examine(scene(0)[:0])
