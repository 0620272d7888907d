from pathlib import Path

import pytest

from closeup.errors import InputError, OutputError
from closeup.files.folders import (
    files_below,
    is_file,
    is_folder,
    list_folder,
    named_file,
    refuse_inside,
    refuse_replacing,
)
from closeup.files.passed_over import LINKED_FOLDER


def test_files_come_in_order_through_sub_folders(tmp_path: Path) -> None:
    for name in ("b/2.TXT", "a.txt", "b/1.txt", "b/3.csv", ".hidden.txt", ".git/4.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path, {".txt"})]
    assert found == ["a.txt", "b/1.txt", "b/2.TXT"]


def test_other_files_are_counted_by_suffix(tmp_path: Path) -> None:
    names = ["a.jpg", "b.JPG", "a.txt", "b/c.TXT", "b/d", "b/.e.txt", ".f/g.txt"]
    for name in [*names, "Thumbs.db", "b/desktop.ini", ".DS_Store", "b/._a.jpg"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "linked").symlink_to(tmp_path / "b")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "again.jpg").symlink_to(tmp_path / "a.jpg")
    listing = list_folder(tmp_path, {".jpg"})
    assert [path.name for path in listing.files] == ["a.jpg", "again.jpg", "b.JPG"]
    assert listing.others == {".txt": 2, "": 1, LINKED_FOLDER: 2}


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        files_below(tmp_path / "none", {".txt"})
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is no folder"):
        files_below(tmp_path / "file", {".txt"})


def test_results_must_not_lie_among_what_is_read(tmp_path: Path) -> None:
    photos, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    photos.mkdir()
    elsewhere.symlink_to(photos)
    for out in (photos, photos / "out", elsewhere / "out", elsewhere):
        with pytest.raises(OutputError, match=r"lies in .*photos.*; choose a folder outside of it"):
            refuse_inside(out, photos)
    photo = photos / "a.jpg"
    photo.touch()
    for out, source in ((tmp_path, photos), (tmp_path / "photos2", photos), (photos, photo)):
        refuse_inside(out, source)


def test_a_result_must_not_replace_what_is_read(tmp_path: Path) -> None:
    source, link, other = (tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4"))
    source.touch()
    link.symlink_to(source)
    for result in (source, link):
        with pytest.raises(OutputError, match="would be replaced by a result; choose another"):
            refuse_replacing(result, {source.resolve()})
    refuse_replacing(other, {source.resolve()})


@pytest.mark.parametrize("name", ["a b/ü.jpg", "a b\\ü.jpg", " a b/ü.jpg\t", "x/../a b\\ü.jpg "])
def test_a_file_is_found_as_other_systems_name_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "a b" / "ü.jpg").touch()
    found = named_file(tmp_path, name)
    assert found is not None
    assert found.samefile(tmp_path / "a b" / "ü.jpg")


def test_a_name_is_taken_as_it_is_where_it_exists(tmp_path: Path) -> None:
    (tmp_path / " a\\b ").touch()
    assert named_file(tmp_path, " a\\b ") == tmp_path / " a\\b "


@pytest.mark.parametrize("name", ["none", ".", "", "x" * 300, "a\0b", "a/" * 3000])
def test_names_that_no_file_has(tmp_path: Path, name: str) -> None:
    assert named_file(tmp_path, name) is None
    assert not is_file(tmp_path / name)
    assert is_folder(tmp_path / name) == (name in {".", ""})
