"""PDQ hashes, the operator's blocklist, and the operator's image classifier."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.media import Limits, decode
from safety.frames import inspect
from safety.frames.blocklist import MATCH, BlocklistError, load_blocklist
from safety.frames.pdq import from_hex, pdq

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def picture(natural_clip: Path) -> Picture:
    with decode(natural_clip, Limits()) as clip:
        return np.array(clip.frames[0])


def listed(tmp_path: Path, picture: Picture) -> Path:
    path = tmp_path / "blocklist.txt"
    path.write_text(f"# pictures\n\n{pdq(picture).hex} a ship\n")
    return path


def distance(one: Picture, other: Picture) -> int:
    return int((pdq(one).views[0] != pdq(other).views).sum(1).min())


def test_half_of_the_bits_are_set_and_hexadecimal_says_the_same(picture: Picture) -> None:
    found = pdq(picture)
    assert found.views.sum(1).tolist() == [128] * 8
    assert np.array_equal(from_hex(found.hex), found.views[0])


def test_the_hash_is_that_of_metas_own_code() -> None:
    """Made by `pdqhash.compute` 0.2.8, which wraps it."""
    noise = np.random.default_rng(0).integers(0, 256, (480, 720, 3), np.uint8)
    found = pdq(noise)
    assert found.quality == 100
    assert found.hex == "661680d52b0164228ccd28e19e3f74d9dfbc19b74cda77ae4d9d2304d351e8f9"


def test_scaled_recompressed_mirrored_and_turned_pictures_match(picture: Picture) -> None:
    encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    changed = [
        cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        cv2.imdecode(encoded, cv2.IMREAD_COLOR),
        picture[:, ::-1],
        picture[::-1],
        np.rot90(picture),
    ]
    assert max(distance(picture, np.asarray(each, np.uint8)) for each in changed) <= MATCH


def test_a_listed_frame_blocks_with_its_evidence(tmp_path: Path, picture: Picture) -> None:
    blank = np.random.default_rng(0).integers(0, 255, picture.shape, np.uint8)
    clip = np.stack([blank, picture[:, ::-1]])
    report = inspect(clip, 2.0, None, blocklist_path=listed(tmp_path, picture))
    (found,) = report.findings
    assert (found.check, found.frame, found.label) == ("blocklist", 1, "a ship")
    assert found.distance is not None
    assert found.distance <= MATCH
    assert found.quality is not None
    assert report.action == ("block" if found.quality >= 50 else "review")
    assert inspect(clip[:1], 2.0, None, blocklist_path=tmp_path / "blocklist.txt").findings == ()


def test_a_changed_list_counts_at_once_and_an_invalid_one_never(
    tmp_path: Path, picture: Picture
) -> None:
    path = listed(tmp_path, picture)
    assert inspect(picture[None], 8.0, None, blocklist_path=path).action != "allow"
    path.write_text("nonsense\n")
    assert inspect(picture[None], 8.0, None, blocklist_path=path).action != "allow"
    path.write_text("# nothing is listed now\n")
    assert inspect(picture[None], 8.0, None, blocklist_path=path).action == "allow"


@pytest.mark.parametrize("line", ["abc", "g" * 64, "0" * 63, "0" * 65])
def test_an_invalid_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "blocklist.txt"
    path.write_text(f"# one\n{'0' * 64} fine\n{line} wrong\n")
    with pytest.raises(BlocklistError, match="line 3"):
        load_blocklist(path)
    assert inspect(np.zeros((1, 8, 8, 3), np.uint8), 8.0, None, blocklist_path=path).action == (
        "block"
    )


def classifier(folder: Path, levels: str, label: str = "LABEL_0") -> Path:
    """A tiny image classifier with random weights, and the file that describes it."""
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        image_size=32, patch_size=16, num_labels=2,
    )  # fmt: skip
    ViTForImageClassification(config).save_pretrained(folder)
    size = {"height": 32, "width": 32}
    processor = {"image_processor_type": "ViTImageProcessor", "size": size}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    path = folder / "classifier.yaml"
    path.write_text(
        f"model: {folder}\nrevision: null\nlabels:\n  {label}: {{category: sexual, {levels}}}\n"
    )
    return path


@pytest.mark.parametrize(
    ("levels", "action"),
    [
        ("review: 0.0, block: never", "review"),
        ("review: 0.0, block: 0.0", "block"),
        ("review: never, block: never", "allow"),
        ("review: 2, block: 3", "block"),  # cannot be read, so nothing passes
    ],
)
def test_an_image_classifier_is_asked(
    tmp_path: Path, picture: Picture, levels: str, action: str
) -> None:
    path = classifier(tmp_path, levels)
    report = inspect(picture[None], 8.0, None, classifier_path=path)
    assert report.action == action
    assert all(f.score is not None for f in report.findings if f.check == "classifier")


def test_a_label_that_the_model_lacks_blocks(tmp_path: Path, picture: Picture) -> None:
    path = classifier(tmp_path, "review: 0.5, block: 0.8", label="nudity")
    (found,) = inspect(picture[None], 8.0, None, classifier_path=path).findings
    assert (found.check, found.action) == ("inspection", "block")


def test_long_clips_are_sampled_further_apart() -> None:
    frames = np.zeros((1000, 8, 8, 3), np.uint8)
    assert inspect(frames, 2.0, None).sampled <= 120
