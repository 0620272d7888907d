"""An eye data set on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from closeup.datasets.eyes.eye_store import (
    DOCUMENT,
    LABEL_COLUMNS,
    LABELS,
    LEFT_OUT,
    EyeStore,
)
from closeup.datasets.eyes.eye_table import EyeRow, corners, read_rows, write_rows
from closeup.errors import InputError
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered

KEY: dict[str, Any] = {"size": list(SIZE), "width": 1.2, "method": "darkest"}


def part(count: int, seed: int) -> tuple[list[EyeRow], list[Any]]:
    labels = scattered(count, seed)
    rows = [
        EyeRow(f"{seed}-{number}.jpg", side="right", x=x, y=y)
        for number, (x, y) in enumerate(labels.tolist())
    ]
    return [EyeRow("closed.jpg", reason="closed"), *rows], list(draw_eyes(labels, seed=seed))


def filled(folder: Path) -> EyeStore:
    store = EyeStore.begun(folder, KEY)
    for number, count in enumerate([30, 0, 5]):
        store.write_part(number, *part(count, number))
    return store


def test_crops_are_found_again(tmp_path: Path) -> None:
    store = filled(tmp_path / "eyes")
    assert store.parts == 3
    kept = [row for row in store.rows() if not row.reason]
    assert [kept[i].crop for i in (0, 29, 30, 34)] == ["00000/0", "00000/29", "00002/0", "00002/4"]
    chosen = [kept[33], kept[2]]
    expected = [part(5, 2)[1][3], part(30, 0)[1][2]]
    assert np.array_equal(store.crops(chosen), expected)


def test_a_finished_set_is_opened(tmp_path: Path) -> None:
    store = filled(tmp_path)
    with pytest.raises(InputError, match="was begun with method darkest instead of contour"):
        EyeStore.begun(tmp_path, {**KEY, "method": "contour"})
    document = store.finish(store.rows(), {"labels": 35})
    checksums = document.pop("checksums")
    assert list(checksums) == ["00000", "00001", "00002"]
    assert document == {"version": 2, "key": KEY, "labels": 35}
    again = EyeStore.opened(tmp_path)
    labels = again.labels()
    assert len(labels) == 35
    assert again.width == 1.2
    assert again.crops(labels).shape == (35, 48, 64, 3)
    assert [row.reason for row in read_rows(tmp_path / LEFT_OUT)] == ["closed"] * 3


def test_nothing_is_written_before_there_is_a_part(tmp_path: Path) -> None:
    EyeStore.begun(tmp_path / "eyes", KEY)
    assert not (tmp_path / "eyes").exists()
    with pytest.raises(InputError, match="no eye data set; make one with"):
        EyeStore.opened(tmp_path / "eyes")


def test_labels_of_something_else_stay(tmp_path: Path) -> None:
    (tmp_path / LABELS).write_text("mine")
    with pytest.raises(InputError, match=r"labels.csv of something else.*; choose another folder"):
        EyeStore.begun(tmp_path, KEY)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 0, "key": {"size": [8, 8]}}', "{}"])
def test_a_damaged_document(tmp_path: Path, text: str) -> None:
    (tmp_path / DOCUMENT).write_text(text)
    with pytest.raises(InputError, match=r"damaged or of another kind|version [01] instead of 2"):
        EyeStore.begun(tmp_path, KEY)


def test_damaged_crops(tmp_path: Path) -> None:
    store = filled(tmp_path)
    path = tmp_path / "crops" / "00000.npy"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"00000\.npy is damaged; delete"):
        store.crops([row for row in store.rows() if not row.reason])


def test_a_set_of_the_first_version_is_read(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.finish(store.rows(), {})
    document = json.loads((tmp_path / DOCUMENT).read_text())
    del document["sha256"]
    (tmp_path / DOCUMENT).write_text(json.dumps({**document, "version": 1}))
    later = {"openness_method", *(name for name in LABEL_COLUMNS if "_corner_" in name)}
    columns = [name for name in LABEL_COLUMNS if name not in later]
    write_rows(tmp_path / LABELS, store.rows()[1:20], columns)
    rows = EyeStore.opened(tmp_path).labels()
    assert len(rows) == 19
    assert np.isnan(corners(rows)).all()
    with pytest.raises(InputError, match="was begun with version 1 instead of 2; choose another"):
        EyeStore.begun(tmp_path, KEY)


def test_a_set_that_is_not_complete(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(InputError, match=r"is not complete.*run the same closeup dataset eyes"):
        EyeStore.opened(tmp_path).labels()


@pytest.mark.parametrize("crop", ["", "00000", "00000/30", "00000/-1", "x/1"])
def test_rows_without_a_crop(tmp_path: Path, crop: str) -> None:
    with pytest.raises(InputError, match=f"there is no crop '{crop}'; correct the row"):
        filled(tmp_path).crops([EyeRow("a.jpg", crop=crop)])


def test_crops_of_another_size(tmp_path: Path) -> None:
    store = filled(tmp_path)
    np.save(tmp_path / "crops" / "00000.npy", np.zeros((30, 8, 8, 3), np.uint8))
    with pytest.raises(InputError, match=r"00000\.npy is damaged"):
        store.crops(store.rows()[1:2])
