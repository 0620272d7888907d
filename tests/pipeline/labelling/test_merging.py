"""Stores are merged by the places that commands name."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.pipeline.labelling.label_projects import (
    ProjectOptions,
    add_classes,
    open_label_project,
)
from closeup.pipeline.labelling.merging import merge_labels
from closeup.store.database import open_database
from closeup.store.label_store import LabelStore
from tests.pipeline.labelling.test_label_sources import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture(tmp_path / "pictures" / "a.png")
    return tmp_path / "pictures"


def test_a_store_beside_pictures_takes_up_another_one(folder: Path, tmp_path: Path) -> None:
    own = ProjectOptions(tmp_path / "own.db")
    with open_label_project(folder), open_label_project(folder, options=own) as other:
        add_classes(other.store, ["Ann"])
        picture(folder / "b.png")
    with open_label_project(folder, options=own) as other:
        assert other.store.count() == 2
    merged = merge_labels(tmp_path / "own.db", folder)
    assert (merged.pictures, merged.conflicts) == (1, [])
    database = open_database(folder / "labels.db")
    assert LabelStore(database).setting("classes") == ["Ann"]
    database.close()


def test_a_store_is_not_merged_into_itself(folder: Path) -> None:
    with open_label_project(folder):
        pass
    with pytest.raises(InputError, match="would be merged into itself; name two stores"):
        merge_labels(folder, folder / "labels.db")
    with pytest.raises(InputError, match="no such file or folder"):
        merge_labels(folder / "none.db", folder)


def test_a_damaged_store_is_refused(folder: Path, tmp_path: Path) -> None:
    with open_label_project(folder):
        pass
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + b"x" * 4000)
    with pytest.raises(InputError, match=r"bad\.db"):
        merge_labels(tmp_path / "bad.db", folder)
