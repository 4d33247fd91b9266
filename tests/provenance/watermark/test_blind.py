"""Geometry that nobody tells the detector."""

import cv2
import numpy as np
import pytest

from provenance.watermark import Affine, Detection, detect, embed

KEY = b"a key of thirty-two bytes length"
MARK_ID = 0xFEDCBA9876543210


@pytest.fixture(scope="module")
def marked(ship: np.ndarray) -> np.ndarray:
    return embed(ship[:9], MARK_ID, KEY)


def resized(frames: np.ndarray, width: int, height: int) -> np.ndarray:
    smaller = width < frames.shape[2]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.stack([cv2.resize(frame, (width, height), interpolation=how) for frame in frames])


def turned(frames: np.ndarray, degrees: float) -> np.ndarray:
    height, width = frames.shape[1:3]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.stack([cv2.warpAffine(frame, matrix, (width, height)) for frame in frames])


def geometry(found: Detection) -> Affine:
    assert found.mark_id == MARK_ID
    assert found.log10_false_positive < -9
    assert found.geometry is not None
    return found.geometry


@pytest.mark.parametrize(("width", "height"), [(432, 288), (1080, 720), (854, 480), (640, 480)])
def test_scaled_and_stretched(marked: np.ndarray, width: int, height: int) -> None:
    seen = geometry(detect(resized(marked, width, height), [KEY]))
    across, down = width / 720, height / 480
    assert seen.scale == pytest.approx(np.sqrt(across * down), rel=0.01)
    assert seen.stretch == pytest.approx(across / down, rel=0.02)
    assert seen.rotation_degrees == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("degrees", [1, -12])
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_and_mirrored(marked: np.ndarray, degrees: float, mirrored: bool) -> None:
    picture = marked[:, :, ::-1] if mirrored else marked
    seen = geometry(detect(turned(picture, degrees), [KEY]))
    assert seen.mirrored == mirrored
    assert seen.rotation_degrees == pytest.approx(degrees, abs=0.3)
    assert seen.scale == pytest.approx(1, rel=0.01)


def test_a_tall_picture_turned(marked: np.ndarray) -> None:
    tall = marked[:, :, 200:440]
    seen = geometry(detect(turned(tall, 11), [KEY]))
    assert seen.rotation_degrees == pytest.approx(11, abs=0.5)


def test_the_map_leads_back_to_where_pixels_were_marked(marked: np.ndarray) -> None:
    cropped = resized(marked[:, 60:420, 100:640], 810, 540)  # 1.5 times
    matrix = np.array(geometry(detect(cropped, [KEY])).matrix)
    for x, y in ((0, 0), (400, 300), (809, 539)):
        source = np.array([100 + (x + 0.5) / 1.5 - 0.5, 60 + (y + 0.5) / 1.5 - 0.5])
        away = (matrix @ [x, y, 1] - source + 64) % 128 - 64
        assert np.abs(away).max() < 4


def test_a_part_enlarged_three_times(marked: np.ndarray) -> None:
    part = resized(marked[:, 100:340, 200:560], 1080, 720)
    assert geometry(detect(part, [KEY])).scale == pytest.approx(3, rel=0.02)


def test_a_picture_within_another_is_found_and_outlined(
    marked: np.ndarray, ship: np.ndarray
) -> None:
    other = resized(ship[20:29, ::-1], 960, 640)
    other[:, 300:540, 560:920] = resized(marked, 360, 240)
    found = detect(other, [KEY])
    assert geometry(found).scale == pytest.approx(0.5, rel=0.02)
    (segment,) = found.segments
    assert segment.region == pytest.approx((560 / 960, 300 / 640, 920 / 960, 540 / 640), abs=0.06)


def test_bars_are_no_other_picture(marked: np.ndarray) -> None:
    boxed = np.pad(marked, ((0, 0), (200, 200), (0, 0), (0, 0)))
    found = detect(boxed, [KEY])
    assert found.mark_id == MARK_ID
    assert [segment.region for segment in found.segments] == [None]


def test_a_slow_zoom_is_followed(ship: np.ndarray) -> None:
    frames = embed(ship[:33], MARK_ID, KEY)
    zoomed = []
    for index, frame in enumerate(frames):
        width = round(720 / (1 + 0.1 * index / 32))
        height = round(width * 2 / 3)
        zoomed.append(cv2.resize(frame[:height, 720 - width :], (720, 480)))
    found = detect(np.stack(zoomed), [KEY])
    assert found.mark_id == MARK_ID
    covered = sum(segment.end - segment.start for segment in found.segments)
    assert covered >= 25


def test_the_middle_of_a_longer_clip_in_another_size(marked: np.ndarray, ship: np.ndarray) -> None:
    joined = np.concatenate([ship[20:36], marked[:8], ship[36:44]])
    found = detect(resized(joined, 540, 360), [KEY])
    assert found.mark_id == MARK_ID
    assert [(segment.start, segment.end) for segment in found.segments] == [(16, 24)]
