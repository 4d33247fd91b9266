"""The sums that tell whether a shipped checkpoint is whole."""

import subprocess

import pytest

from generator import sums


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "index.json").write_text("{}")
    (tmp_path / "part" / "weights.bin").write_bytes(bytes(range(256)))
    sums.write(tmp_path)
    return tmp_path


def test_an_untouched_folder_is_whole(folder):
    assert sums.changed(folder) == []


def test_coreutils_agree(folder):
    subprocess.run(["sha256sum", "--check", "--strict", sums.NAME], cwd=folder, check=True)


def test_changed_missing_and_foreign_files_are_named(folder):
    (folder / "part" / "weights.bin").write_bytes(b"other")
    (folder / "index.json").unlink()
    (folder / "more.json").write_text("{}")
    assert sums.changed(folder) == ["index.json", "more.json", "part/weights.bin"]


def test_the_model_card_may_change(folder):
    (folder / "README.md").write_text("corrected")
    assert sums.changed(folder) == []


def test_a_folder_without_sums_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        sums.changed(tmp_path)
