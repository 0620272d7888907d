"""What is taken out of a folder can come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.collection.removals import (
    FOLDER,
    TABLE,
    Removal,
    RemovalReason,
    read_removals,
    remove,
    restore,
)
from closeup.errors import InputError

COPY = Removal("b/밤, 2.jpg", RemovalReason.COPY, "", "a/1.jpg")
SMALL = Removal("c.jpg", RemovalReason.SMALL, "20x10")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/1.jpg", COPY.file, SMALL.file):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != TABLE
    }


def test_there_and_back(folder: Path) -> None:
    before = files(folder)
    remove(folder, [COPY])
    remove(folder, [SMALL])
    assert files(folder) == {"a/1.jpg", f"{FOLDER}/{COPY.file}", f"{FOLDER}/{SMALL.file}"}
    assert read_removals(folder) == [COPY, SMALL]
    assert restore(folder, [SMALL.file]) == [SMALL]
    assert files(folder) == {"a/1.jpg", f"{FOLDER}/{COPY.file}", SMALL.file}
    assert restore(folder) == [COPY]
    assert files(folder) == before
    assert read_removals(folder) == []
    assert (folder / COPY.file).read_text() == COPY.file


def test_a_name_that_is_no_text(folder: Path) -> None:
    odd = Removal("\udcff.jpg", RemovalReason.COPY, "", "a/1.jpg")
    (folder / odd.file).write_text("odd")
    remove(folder, [odd])
    assert read_removals(folder) == [odd]
    restore(folder)
    assert (folder / odd.file).read_text() == "odd"


def test_a_run_that_ended_before_it_moved_all(folder: Path) -> None:
    remove(folder, [COPY, SMALL])
    (folder / FOLDER / SMALL.file).rename(folder / SMALL.file)
    assert restore(folder) == [COPY, SMALL]
    assert SMALL.file in files(folder)


def test_a_picture_that_was_put_back_by_hand(folder: Path) -> None:
    remove(folder, [SMALL])
    (folder / FOLDER / SMALL.file).rename(folder / SMALL.file)
    remove(folder, [COPY])
    assert read_removals(folder) == [COPY]
    assert SMALL.file in files(folder)


def test_nothing_is_overwritten(folder: Path) -> None:
    remove(folder, [COPY, SMALL])
    (folder / SMALL.file).write_text("another")
    with pytest.raises(InputError, match=r"c\.jpg is there again"):
        restore(folder)
    assert files(folder) >= {f"{FOLDER}/{COPY.file}", SMALL.file}
    assert (folder / SMALL.file).read_text() == "another"


def test_what_was_not_removed(folder: Path) -> None:
    with pytest.raises(InputError, match=r"a/1\.jpg was not removed"):
        restore(folder, ["a/1.jpg"])


def test_a_damaged_table(folder: Path) -> None:
    (folder / TABLE).write_text("file,reason,detail,kept\nc.jpg,for fun,,\n")
    with pytest.raises(InputError, match=r"line 2: 'for fun' is no reason"):
        read_removals(folder)
    (folder / TABLE).write_text("file,why\nc.jpg,for fun\n")
    with pytest.raises(InputError, match="no column called reason"):
        restore(folder)
