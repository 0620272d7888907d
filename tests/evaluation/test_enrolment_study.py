from __future__ import annotations

from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.evaluation.enrolment_study import COUNTS, find_people, study_photos
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.progress import Silent


class Listener(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def test_people_with_photos_to_spare(lfw: Path) -> None:
    people = find_people(lfw / "images")
    assert len(people) > 100
    assert {len(photos) for photos in people.values()} == {9, 10, 11, 12}
    assert len(people["George_W_Bush"]) == 12
    assert people == find_people(lfw / "images")
    assert people["George_W_Bush"] != find_people(lfw / "images", seed=1)["George_W_Bush"]
    for name, photos in people.items():
        assert len(set(photos)) == len(photos)
        assert all(photo.parent.name == name for photo in photos)


def test_files_that_are_no_photos_are_counted(tmp_path: Path) -> None:
    for person in "ab":
        (tmp_path / person).mkdir()
        for number in range(9):
            (tmp_path / person / f"{number}.jpg").touch()
        (tmp_path / person / "notes.txt").touch()
    listener = Listener()
    assert len(find_people(tmp_path, progress=listener)) == 2
    assert listener.lines == ["2 files passed over: 2 with other suffixes (.txt)"]


def test_too_few_people(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="less than two people have 9 photos"):
        find_people(tmp_path)


def test_more_photos_are_better(lfw: Path, reader: PhotoEmbedder) -> None:
    people = dict(list(find_people(lfw / "images").items())[:6])
    rows = study_photos(people, reader, Silent())
    assert [row.value for row in rows] == list(COUNTS)
    assert rows[0].score > 0.9
    assert rows[-1].score >= rows[0].score
    assert all(row.val is None and row.missed is None for row in rows)
    probes = sum(len(photos) - 8 for photos in people.values())
    assert [row.cases for row in rows] == [probes] * len(COUNTS)


def test_strangers_under_one_name_are_not_recognised(lfw: Path, reader: PhotoEmbedder) -> None:
    photos = sorted((lfw / "images").glob("B*/*_0001.jpg"))[:24]
    rows = study_photos({"a": photos[::2], "b": photos[1::2]}, reader, Silent())
    assert all(row.score < 0.8 for row in rows)
    assert all(row.standard_error > 0 for row in rows)
