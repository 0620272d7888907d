"""Pictures are sorted by the members whom they show."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import InputError, OutputError
from closeup.media.images import read_image
from closeup.pipeline.collection.sorting import COLUMNS, SortedPeople, sort_people
from closeup.settings import Settings
from tests.kept_models import kept

GUL, MARTIN = "Abdullah_Gul", "Paul_Martin"


@pytest.fixture(scope="module")
def members(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photos of each of two people."""
    folder = tmp_path_factory.mktemp("members")
    for name in (GUL, MARTIN):
        for number in range(1, 4):
            photo = shared_data / "lfw" / "images" / name / f"{name}_{number:04d}.jpg"
            (folder / name).mkdir(exist_ok=True)
            shutil.copy(photo, folder / name)
    return folder


@pytest.fixture
def photos(shared_data: Path, tmp_path: Path) -> Path:
    """Other photos of both, one of both together, a stranger, and what is no picture."""
    lfw, folder = shared_data / "lfw" / "images", tmp_path / "photos"
    (folder / "b").mkdir(parents=True)
    shutil.copy(lfw / GUL / f"{GUL}_0004.jpg", folder / "1.jpg")
    shutil.copy(lfw / GUL / f"{GUL}_0005.jpg", folder / "b" / "1.jpg")
    both = [read_image(lfw / name / f"{name}_0005.jpg") for name in (GUL, MARTIN)]
    Image.fromarray(np.hstack(both)).save(folder / "both.png")
    shutil.copy(lfw / "Al_Gore" / "Al_Gore_0001.jpg", folder / "stranger.jpg")
    (folder / "page.jpg").write_bytes(b"<html>")
    return folder


def sort(photos: Path, members: Path, out: Path, settings: Settings) -> SortedPeople:
    return sort_people(photos, members, out, detector="yunet-n", models=kept(settings))


def test_each_member_has_a_folder(
    photos: Path, members: Path, tmp_path: Path, settings: Settings
) -> None:
    made = sort(photos, members, tmp_path / "out", settings)
    places = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for copies in made.copies.values()
        for path in copies
    }
    assert places == {
        f"{GUL}/1.jpg": (photos / "1.jpg").read_bytes(),
        f"{GUL}/1 2.jpg": (photos / "b" / "1.jpg").read_bytes(),
        f"{GUL}/both.png": (photos / "both.png").read_bytes(),
        f"{MARTIN}/both.png": (photos / "both.png").read_bytes(),
        "unknown/stranger.jpg": (photos / "stranger.jpg").read_bytes(),
    }
    assert set(made.sheets) == {GUL, MARTIN}
    assert all(read_image(sheet).shape[0] > 100 for sheet in made.sheets.values())


def test_the_table_has_a_row_for_each_face(
    photos: Path, members: Path, tmp_path: Path, settings: Settings
) -> None:
    made = sort(photos, members, tmp_path / "out", settings)
    with made.table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [(Path(row["picture"]).name, row["member"], row["copy"]) for row in rows] == [
        ("1.jpg", GUL, f"{GUL}/1.jpg"), ("1.jpg", GUL, f"{GUL}/1 2.jpg"),
        ("both.png", GUL, f"{GUL}/both.png"), ("both.png", MARTIN, f"{MARTIN}/both.png"),
    ]  # fmt: skip
    assert all(0.5 < float(row["confidence"]) <= 1 for row in rows)
    left, right = rows[2:]
    assert float(left["x2"]) < 250 < float(right["x1"])


def test_again_after_a_change(
    photos: Path, members: Path, tmp_path: Path, settings: Settings
) -> None:
    """A new picture that takes the name of an earlier copy does not keep its content."""
    sort(photos, members, tmp_path / "out", settings)
    (photos / "1.jpg").rename(photos / "c.jpg")
    made = sort(photos, members, tmp_path / "out", settings)
    copies = {path.name: path.read_bytes() for path in made.copies[GUL]}
    assert copies["1.jpg"] == (photos / "b" / "1.jpg").read_bytes()


def test_what_cannot_be_sorted(
    photos: Path, members: Path, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(InputError, match="no such folder"):
        sort(photos / "1.jpg", members, tmp_path / "out", settings)
    with pytest.raises(OutputError, match="lies in"):
        sort(photos, members, photos / "sorted", settings)
