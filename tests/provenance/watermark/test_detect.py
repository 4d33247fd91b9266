from collections.abc import Callable
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.watermark import Segment, WatermarkError, detect, embed

KEY = b"a key of thirty-two bytes length"
OTHER_KEY = b"another key, also of thirty-two."
MARK_ID = 0xFEDCBA9876543210


@pytest.fixture(scope="module")
def marked_ship(ship: np.ndarray) -> np.ndarray:
    return embed(ship[:25], MARK_ID, KEY)


@settings(max_examples=25, deadline=None)
@given(mark_id=st.integers(0, 2**64 - 1), key=st.binary(min_size=16, max_size=48))
def test_any_id_under_any_key_is_read_back(small: np.ndarray, mark_id: int, key: bytes) -> None:
    marked = embed(small, mark_id, key)
    found = detect(marked, [key])
    assert found.mark_id == mark_id
    assert found.log10_false_positive < -9
    assert found.segments == (Segment(0, len(small), mark_id, None),)


def test_another_key_finds_nothing(marked_ship: np.ndarray) -> None:
    found = detect(marked_ship[:8, :256, :256], [OTHER_KEY])
    assert found.mark_id is None
    assert found.segments == ()
    assert found.log10_false_positive > -6


@settings(max_examples=15, deadline=None)
@given(
    height=st.integers(128, 250),
    width=st.integers(192, 250),
    red=st.integers(0, 255),
    blue=st.integers(0, 255),
)
def test_a_single_flat_picture_of_any_size_and_colour(
    height: int, width: int, red: int, blue: int
) -> None:
    frame = np.full((1, height, width, 3), (red, 128, blue), np.uint8)
    assert detect(embed(frame, MARK_ID, KEY), [KEY]).mark_id == MARK_ID


@pytest.mark.parametrize("crf", [18, 23, 28])
def test_natural_content_survives_h264(
    marked_ship: np.ndarray, reencode: Callable[[np.ndarray, int], np.ndarray], crf: int
) -> None:
    found = detect(reencode(marked_ship, crf), [OTHER_KEY, KEY])
    assert found.mark_id == MARK_ID
    assert found.log10_false_positive < -60
    assert found.segments == (Segment(0, 25, MARK_ID, None),)


@pytest.mark.parametrize("crf", [18, 28])
def test_flat_smooth_content_survives_h264(
    circle: np.ndarray, reencode: Callable[[np.ndarray, int], np.ndarray], crf: int
) -> None:
    found = detect(reencode(embed(circle, MARK_ID, KEY), crf), [KEY])
    assert found.mark_id == MARK_ID
    assert found.segments == (Segment(0, len(circle), MARK_ID, None),)


def test_one_frame_of_the_delivered_file_is_enough(
    marked_ship: np.ndarray, reencode: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    delivered = reencode(marked_ship[:9], 18)
    assert all(detect(delivered[i : i + 1], [KEY]).mark_id == MARK_ID for i in (0, 4, 8))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_mirrored_turned_and_cropped_pictures(ship: np.ndarray, mirrored: bool, turns: int) -> None:
    marked = embed(ship[:4], MARK_ID, KEY)
    picture = marked[:, :, ::-1] if mirrored else marked
    picture = np.rot90(picture, turns, (1, 2))[:, 33:250, 71:300]
    found = detect(picture, [KEY])
    assert found.mark_id == MARK_ID
    assert found.geometry is not None
    assert (found.geometry.mirrored, found.geometry.rotation_degrees) == (
        mirrored,
        pytest.approx([0, 90, 180, -90][turns], abs=0.3),
    )
    # The map leads each pixel back to where it was marked, modulo the tile.
    place = np.zeros((480, 720, 2), np.int64)
    place[..., 1], place[..., 0] = np.mgrid[:480, :720]
    source = place[:, ::-1] if mirrored else place
    source = np.rot90(source, turns)[33:250, 71:300]
    x, y = 17, 101
    mapped = np.array(found.geometry.matrix) @ [x, y, 1]
    assert np.abs((mapped - source[y, x] + 64) % 128 - 64).max() < 1
    assert found.geometry.scale == pytest.approx(1, rel=0.01)
    assert found.geometry.stretch == pytest.approx(1, rel=0.01)


def test_dropped_doubled_and_shuffled_frames_cost_nothing(marked_ship: np.ndarray) -> None:
    order = np.random.default_rng(0).integers(0, 25, 16)
    assert detect(marked_ship[order, :240, :250], [KEY]).mark_id == MARK_ID


def test_clean_video_carries_nothing(ship: np.ndarray, circle: np.ndarray) -> None:
    for frames in (ship[:9], circle, np.zeros_like(circle[:1]), np.full_like(circle[:1], 255)):
        found = detect(frames[:, :250, :250], [KEY, OTHER_KEY])
        assert found.mark_id is None
        assert found.log10_false_positive > -6
        assert found.segments == ()
        assert found.geometry is None


def test_a_marked_part_of_a_longer_clip_is_shown(
    marked_ship: np.ndarray, circle: np.ndarray
) -> None:
    joined = np.concatenate([circle[:12], marked_ship[:20]])[:, :250, :250]
    found = detect(joined, [KEY])
    assert found.mark_id == MARK_ID
    (segment,) = found.segments
    assert segment.mark_id == MARK_ID
    assert abs(segment.start - 12) <= 8
    assert segment.end == 32


def test_two_ids_give_two_segments_and_the_longer_one_wins(ship: np.ndarray) -> None:
    cut = ship[:, :250, :250]
    joined = np.concatenate([embed(cut[:16], 1, KEY), embed(cut[16:40], 2, KEY)])
    found = detect(joined, [KEY])
    assert found.mark_id == 2
    assert found.segments == (Segment(0, 16, 1, None), Segment(16, 40, 2, None))


def test_a_mark_that_shines_through_does_not_hide_the_other(ship: np.ndarray) -> None:
    """As inter-coded frames do where one marked clip is joined to another."""
    first, second = embed(ship[:32], 1, KEY), embed(ship[:32], 2, KEY)
    mixed = (0.7 * second[16:] + 0.3 * first[16:]).round().astype(np.uint8)
    found = detect(np.concatenate([first[:16], mixed]), [KEY])
    assert found.segments == (Segment(0, 16, 1, None), Segment(16, 32, 2, None))


def test_ids_of_two_keys_are_told_apart(ship: np.ndarray) -> None:
    cut = ship[:, :250, :250]
    joined = np.concatenate([embed(cut[:24], 1, KEY), embed(cut[24:40], 2, OTHER_KEY)])
    found = detect(joined, [KEY, OTHER_KEY])
    assert found.segments == (Segment(0, 24, 1, None), Segment(24, 40, 2, None))


def test_a_fading_mark_never_turns_into_another_id(small: np.ndarray) -> None:
    marked = embed(small, MARK_ID, KEY).astype(np.float32)
    answers = []
    for strength in (1.0, 0.7, 0.5, 0.35, 0.2):
        faded = np.rint(small + strength * (marked - small)).astype(np.uint8)
        answers.append(detect(faded, [KEY]).mark_id)
    assert [answer for answer, _ in groupby(answers)] == [MARK_ID, None]


def test_the_mean_of_copies_with_different_ids_shows_a_mark_but_names_nobody(
    small: np.ndarray,
) -> None:
    copies = [embed(small, mark_id, KEY) for mark_id in (1, 2**40, 3**30, 5**20, 7**22)]
    mean = np.mean(copies, axis=0).round().astype(np.uint8)
    found = detect(mean, [KEY])
    assert found.mark_id is None
    assert found.log10_false_positive < -9
    assert found.segments == (Segment(0, len(small), None, None),)
    assert found.geometry is not None


def test_errors(small: np.ndarray) -> None:
    with pytest.raises(WatermarkError, match="key"):
        detect(small, [])
    with pytest.raises(WatermarkError, match="16 bytes"):
        detect(small, [KEY, b"short"])
    with pytest.raises(WatermarkError, match="128"):
        detect(small[:, :100], [KEY])
    with pytest.raises(WatermarkError, match="16384"):
        detect(np.zeros((1, 128, 17000, 3), np.uint8), [KEY])
