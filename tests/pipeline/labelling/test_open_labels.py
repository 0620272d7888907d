"""Stores that are opened without a session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.errors import InputError
from closeup.geometry import Size
from closeup.pipeline.labelling.label_projects import ProjectOptions, open_label_project
from closeup.pipeline.labelling.open_labels import open_labels
from closeup.progress import Silent
from closeup.store.label_import import import_pictures
from tests.listening import Listener
from tests.pipeline.drawn_set import drawn_set
from tests.pipeline.labelling.test_label_sources import picture


def test_a_store_knows_its_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "a.png")
    place = tmp_path / "far" / "own.db"
    place.parent.mkdir()
    with open_label_project(tmp_path / "pictures", options=ProjectOptions(place)):
        pass
    with open_labels(place, Silent()) as labels:
        assert labels.source is not None
        assert labels.source.path == tmp_path / "pictures"
    shutil.rmtree(tmp_path / "pictures")
    heard = Listener()
    with open_labels(place, heard) as labels:
        assert labels.source is None
        assert labels.store.count() == 1
    (line,) = heard.lines
    assert line.endswith("going on without the pictures")


def test_a_store_is_made_only_if_it_is_wanted(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    with (
        pytest.raises(InputError, match="begin one with: closeup label"),
        open_labels(tmp_path, Silent()),
    ):
        pass
    with open_labels(tmp_path, Silent(), make=True) as labels:
        assert labels.store.count() == 1


def test_sizes_are_read_where_there_are_labels(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        picture(tmp_path / name)
    (tmp_path / "c.png").write_bytes(b"damaged")
    with open_labels(tmp_path, Silent(), make=True) as labels:
        given = [
            AnnotatedPicture(name, annotations=(Annotation("x"),)) for name in ("a.png", "c.png")
        ]
        import_pictures(labels.store, given)
        labels.complete_sizes(Silent())
        assert {one.path: one.size for one in labels.store.all_items()} == {
            "a.png": Size(40, 30), "b.png": None, "c.png": None,
        }  # fmt: skip


def test_sizes_of_crops_are_known(tmp_path: Path) -> None:
    with open_labels(drawn_set(tmp_path / "eyes", 4), Silent(), make=True) as labels:
        assert all(one.size is not None for one in labels.store.all_items())
