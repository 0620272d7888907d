from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.files.folders import files_below


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
