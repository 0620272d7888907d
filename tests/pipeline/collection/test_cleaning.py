"""Copies and unfit pictures of a folder are taken out, each for a reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.collection.removals import RemovalReason, read_removals, restore
from closeup.errors import InputError
from closeup.media.images import encode_jpeg, read_image
from closeup.pipeline.collection.cleaning import CleanOptions, clean_pictures
from closeup.settings import Settings
from tests.kept_models import kept
from tests.listening import Listener

ONE, OTHER, THIRD = "Abdullah_Gul", "Paul_Martin", "Al_Gore"


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path) -> Path:
    """Three photos of three people, and copies of all kinds."""
    lfw, folder = shared_data / "lfw" / "images", tmp_path / "photos"
    for name in (ONE, OTHER, THIRD):
        (folder / name).mkdir(parents=True)
        shutil.copy(lfw / name / f"{name}_0001.jpg", folder / name / "1.jpg")
    photo = read_image(folder / ONE / "1.jpg")
    shutil.copy(folder / ONE / "1.jpg", folder / OTHER / "0 same.jpg")
    Image.fromarray(photo).resize((150, 150)).save(folder / ONE / "smaller.png")
    (folder / ONE / "poor.jpg").write_bytes(encode_jpeg(photo, 20))
    (folder / "page.jpg").write_bytes(b"<html>not found</html>")
    return folder


def reasons(folder: Path) -> dict[str, RemovalReason]:
    return {removal.file: removal.reason for removal in read_removals(folder)}


def pictures(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*.*g"))
    return {path.as_posix() for path in found if path.parts[0] != "removed"}


def test_copies_are_told_and_the_best_stays(folder: Path) -> None:
    before = pictures(folder)
    made = clean_pictures(folder)
    assert reasons(folder) == {
        "page.jpg": RemovalReason.UNREADABLE,
        f"{OTHER}/0 same.jpg": RemovalReason.COPY,
        f"{ONE}/poor.jpg": RemovalReason.NEAR_COPY,
        f"{ONE}/smaller.png": RemovalReason.NEAR_COPY,
    }
    assert {removal.kept for removal in made.removals[1:]} == {f"{ONE}/1.jpg"}
    assert pictures(folder) == {f"{name}/1.jpg" for name in (ONE, OTHER, THIRD)}
    assert made.document["removed"] == {"unreadable": 1, "copy": 1, "near_copy": 2}
    assert json.loads((folder / "cleaning.json").read_text()) == made.document
    page = made.page.read_text()
    assert "4 of 7 pictures taken out of photos" in page
    assert page.count("data:image/jpeg") == 6
    restore(folder)
    assert pictures(folder) == before


def test_a_second_run_has_nothing_to_do(folder: Path) -> None:
    clean_pictures(folder)
    again = clean_pictures(folder)
    assert again.removals == []
    assert again.document["kept"] == 3
    assert "4 of 7 pictures taken out of photos" in again.page.read_text()
    assert len(read_removals(folder)) == 4


def test_equal_files_only(folder: Path) -> None:
    clean_pictures(folder, CleanOptions(near=None))
    assert set(reasons(folder)) == {"page.jpg", f"{OTHER}/0 same.jpg"}


def test_small_and_poor_files(folder: Path) -> None:
    clean_pictures(folder, CleanOptions(near=None, side=200, jpeg_quality=50))
    found = {removal.file: (removal.reason, removal.detail) for removal in read_removals(folder)}
    assert found[f"{ONE}/smaller.png"] == (RemovalReason.SMALL, "150x150")
    assert found[f"{ONE}/poor.jpg"] == (RemovalReason.COMPRESSED, "quality 20")


def test_faces(folder: Path, settings: Settings) -> None:
    """No face, a blurred one, several, and a part of another photo."""
    photo = read_image(folder / OTHER / "1.jpg")
    flat = np.full((80, 120, 3), 90, np.uint8)
    blurred = Image.fromarray(read_image(folder / THIRD / "1.jpg")).resize((40, 40))
    both = np.hstack([read_image(folder / name / "1.jpg") for name in (OTHER, THIRD)])
    made = {
        "wall.png": flat, "blurred.png": np.array(blurred.resize((250, 250))), "two.png": both,
        "part.png": photo[30:220, 40:230],
    }  # fmt: skip
    for name, image in made.items():
        Image.fromarray(image).save(folder / name)
    options = CleanOptions(near=2, faces=True, one_person=True)
    clean_pictures(folder, options, detector="yunet-n", models=kept(settings))
    found = reasons(folder)
    assert found["wall.png"] == RemovalReason.NO_FACE
    assert found["blurred.png"] == RemovalReason.POOR_FACE
    assert found["two.png"] == RemovalReason.SEVERAL
    assert found["part.png"] == RemovalReason.SAME_FACE
    kept_ones = {removal.file: removal.kept for removal in read_removals(folder)}
    assert kept_ones["part.png"] == f"{OTHER}/1.jpg"
    assert {f"{OTHER}/1.jpg", f"{THIRD}/1.jpg"} <= pictures(folder)


def test_stages_are_reported(folder: Path, settings: Settings) -> None:
    heard = Listener()
    options = CleanOptions(one_person=True)
    clean_pictures(folder, options, detector="yunet-n", models=kept(settings), progress=heard)
    assert heard.lines


def test_folders_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        clean_pictures(tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no picture in it"):
        clean_pictures(tmp_path / "empty")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"near": 32}, "0 to 31 bits, not 32"),
        ({"near": -1}, "0 to 31 bits"),
        ({"side": -1}, "0 or more pixels"),
        ({"jpeg_quality": 101}, "0 to 100"),
        ({"same_face": 0}, "between 0 and 1"),
    ],
)
def test_limits_that_mean_nothing(options: dict[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        CleanOptions(**options)  # type: ignore[arg-type]
