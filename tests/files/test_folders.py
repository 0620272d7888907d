from pathlib import Path

import pytest

from closeup.errors import InputError, OutputError
from closeup.files.folders import files_below, refuse_inside, refuse_replacing


def test_files_come_in_order_through_sub_folders(tmp_path: Path) -> None:
    for name in ("b/2.TXT", "a.txt", "b/1.txt", "b/3.csv", ".hidden.txt", ".git/4.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path, {".txt"})]
    assert found == ["a.txt", "b/1.txt", "b/2.TXT"]


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
