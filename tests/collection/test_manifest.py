"""The journal of an interrupted run, and the table of a complete one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from closeup.collection.manifest import (
    COLUMNS,
    CollectedPicture,
    CollectionJournal,
    JournalEntry,
    write_manifest_table,
)
from closeup.errors import OutputError


def entry(number: int, features: tuple[float, ...] | None = None) -> JournalEntry:
    picture = CollectedPicture(
        f"밤 {number}.jpg", "ab" * 32, "videos/밤.mp4", number, number / 25, 640, 360, 1, 40.5
    )
    return JournalEntry(picture, features)


def test_what_follows_the_last_mark_is_dropped(tmp_path: Path) -> None:
    journal = CollectionJournal(tmp_path)
    assert journal.recover() is None
    with journal:
        journal.add(entry(0, (0.5, -1.25)))
        journal.mark({"frame": 0})
        journal.add(entry(1))
    again = CollectionJournal(tmp_path)
    assert again.recover() == {"frame": 0}
    (found,) = again.entries()
    assert found.picture == entry(0).picture
    assert found.features == (0.5, -1.25)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 2000), count=st.integers(0, 4))
def test_a_run_that_was_killed_while_it_wrote(
    tmp_path_factory: pytest.TempPathFactory, cut: int, count: int
) -> None:
    """Whatever of the journal is on the disk, complete parts are read, and it can go on."""
    folder = tmp_path_factory.mktemp("journal")
    with CollectionJournal(folder) as journal:
        for number in range(count):
            journal.add(entry(number))
            journal.mark({"frame": number})
    path = CollectionJournal(folder).path
    path.write_bytes(path.read_bytes()[:cut])
    again = CollectionJournal(folder)
    mark = again.recover()
    complete = 0 if mark is None else mark["frame"] + 1
    assert complete <= count
    with again:
        for number in range(complete, count):
            again.add(entry(number))
        again.mark({"frame": count - 1})
        assert [e.picture for e in again.entries()] == [entry(n).picture for n in range(count)]


def test_a_journal_holds_only_what_is_kept(tmp_path: Path) -> None:
    with CollectionJournal(tmp_path) as journal:
        for number in range(4):
            journal.add(entry(number, (1.0,)))
        journal.replace([entry(1, (1.0,)), entry(3, (1.0,))], {"frame": 3})
        journal.add(entry(4, (1.0,)))
        journal.mark({"frame": 4})
        assert [found.picture.frame for found in journal.entries()] == [1, 3, 4]
    assert CollectionJournal(tmp_path).recover() == {"frame": 4}


def test_the_table(tmp_path: Path) -> None:
    path = write_manifest_table(tmp_path, [entry(3).picture])
    with path.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert tuple(row) == COLUMNS
    assert (row["file"], row["seconds"], row["face_height"], row["member"]) == (
        "밤 3.jpg", "0.12", "40.5", "",
    )  # fmt: skip


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"), CollectionJournal(tmp_path / "no"):
        pass


def test_a_journal_is_opened_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not open"):
        CollectionJournal(tmp_path).mark({})
