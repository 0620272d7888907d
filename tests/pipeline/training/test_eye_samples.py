"""Eye data sets as samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.datasets.eyes.eye_store import LABELS, EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from closeup.errors import InputError
from closeup.pipeline.training.eye_samples import people_in, samples_of
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered


def stored(folder: Path, images: list[str], frames: list[int | None] | None = None) -> EyeStore:
    """A data set with the right and the left eye of a face in each picture."""
    labels = scattered(2 * len(images))
    rows = [
        EyeRow(
            image, frame, 0, side, x=x, y=y, openness=0.5, confidence=0.25,
            left_corner_x=x - 0.2, left_corner_y=y, right_corner_x=x + 0.2, right_corner_y=y,
        )
        for (image, frame, side), (x, y) in zip(
            [
                (image, frame, side)
                for image, frame in zip(images, frames or [None] * len(images), strict=True)
                for side in ("right", "left")
            ],
            labels.tolist(), strict=True,
        )
    ]  # fmt: skip
    store = EyeStore.begun(folder, {"size": list(SIZE), "width": 1.5})
    rows = store.write_part(0, rows, list(draw_eyes(labels)))
    store.finish(rows, {})
    return store


def test_a_set_becomes_samples(tmp_path: Path) -> None:
    store = stored(tmp_path, ["Ann/1.jpg", "Ann/2.jpg", "Bob/1.jpg"])
    rows, samples = store.labels(), samples_of(store)
    crops = store.crops(rows)
    assert np.array_equal(samples.crops[3], cv2.cvtColor(crops[3], cv2.COLOR_RGB2GRAY))
    assert samples.width == 1.5
    assert samples.points[4].ravel() == pytest.approx(
        [rows[4].x - 0.2, rows[4].y, rows[4].x, rows[4].y, rows[4].x + 0.2, rows[4].y]
    )
    assert samples.faces.tolist() == [0, 0, 1, 1, 2, 2]
    assert samples.left.tolist() == [False, True] * 3
    first, *others = samples.groups.tolist()
    assert others[:3] == [first] * 3
    assert first != others[3] == others[4] >= 0
    assert set(samples.weight) == {0.25}
    assert set(samples.openness) == {0.5}


def test_photos_without_folders_are_groups(tmp_path: Path) -> None:
    samples = samples_of(stored(tmp_path, ["a.jpg", "b.jpg", "c.jpg"]))
    assert len(set(samples.groups.tolist())) == 3


def test_a_video_is_one_group(tmp_path: Path) -> None:
    samples = samples_of(stored(tmp_path, ["film.mp4"] * 3, [0, 5, 10]))
    assert len(set(samples.groups.tolist())) == 1
    assert samples.faces.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_folder_is_the_same_group_in_every_set(tmp_path: Path) -> None:
    one = samples_of(stored(tmp_path / "one", ["Ann/1.jpg", "Bob/1.jpg"]))
    other = samples_of(stored(tmp_path / "other", ["Bob/7.jpg"]))
    assert other.groups[0] == one.groups[2] != one.groups[0]


def test_corners_beyond_the_crop_are_not_known(tmp_path: Path) -> None:
    store = stored(tmp_path, ["a.jpg"])
    rows = store.labels()
    store.finish([replace(rows[0], left_corner_x=-0.1), rows[1]], {})
    known = np.isfinite(samples_of(store).points).all(axis=2)
    assert known.tolist() == [[False, True, True], [True, True, True]]


def test_sets_that_cannot_be_read(tmp_path: Path) -> None:
    store = stored(tmp_path, ["a.jpg"])
    store.finish([], {})
    with pytest.raises(InputError, match="no row is left; make the data set again"):
        samples_of(store)
    (tmp_path / LABELS).unlink()
    with pytest.raises(InputError, match="is not complete"):
        samples_of(store)


def test_people_of_a_table_are_the_groups_of_their_photos(tmp_path: Path) -> None:
    samples = samples_of(stored(tmp_path / "eyes", ["Ann/1.jpg", "Bob/1.jpg", "alone.jpg"]))
    table = tmp_path / "truth.csv"
    table.write_text("image,right_eye_x,right_eye_y\nBob/7.jpg,1,2\nBob/8.jpg,1,2\nalone.jpg,1,2\n")

    people = people_in(table)

    assert len(people) == 2
    assert np.isin(samples.groups, people).tolist() == [False] * 2 + [True] * 4
