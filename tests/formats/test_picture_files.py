"""Label files beside each other, one a picture."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.files.folders import list_folder
from closeup.formats.picture_files import (
    LabelNames,
    label_files,
    picture_path,
    write_label_files,
)

PARTS = st.sampled_from(
    ["a.jpg", "A.jpg", "a.png", "b c", ".hidden", "..", "", "x:y", "é.JPG", "a.xml"]
)
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


@given(paths=st.lists(PATHS, max_size=6))
def test_any_path_comes_back_from_a_file_of_its_own(paths: list[str]) -> None:
    names = LabelNames(".xml")
    files = [names.take(path) for path in paths]
    assert len({str(file).casefold() for file, _ in files}) == len(files)
    for path, (file, named) in zip(paths, files, strict=True):
        assert ".." not in file.parts
        assert picture_path(Path("set") / file, Path("set"), named) == path


@given(paths=st.lists(PATHS, max_size=6))
def test_all_files_are_found_again(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("set")
    names = LabelNames(".xml")
    files = [names.take(path)[0] for path in paths]
    write_label_files(folder, [(file, str(file)) for file in files])
    found = label_files(folder, ".xml")
    assert sorted(files) == [PurePosixPath(file.relative_to(folder)) for file in found]
    assert not list_folder(folder, {".xml"}).others


def test_a_picture_in_a_folder_beside_the_labels() -> None:
    file = Path("set/labels/a.json")
    assert picture_path(file, Path("set"), "../images/a.jpg") == "images/a.jpg"
    assert picture_path(Path("set/a.json"), Path("set"), "../a.jpg") == "../a.jpg"


def test_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("a picture")
    (tmp_path / "a.xml").write_text("old")
    write_label_files(tmp_path, [(PurePosixPath("a.xml"), "new")])
    assert (tmp_path / "a.xml").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "a.xml"]


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("a picture")
    with pytest.raises(InputError, match=r"no \.xml file in it"):
        label_files(tmp_path, ".xml")
