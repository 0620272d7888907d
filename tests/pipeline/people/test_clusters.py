import json
from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.pipeline.people.clusters import (
    DOCUMENT,
    UNFINISHED,
    People,
    Person,
    SeenFace,
    read_people,
)

BOX = (1.5, 2.0, 30.25, 41.0)
OF_VIDEO = SeenFace("a.mp4", 12, 0.5, BOX, 0.9, "person-001/a-000012.jpg")
OF_PHOTO = SeenFace("b.jpg", None, None, BOX, 0.8, "person-001/b.jpg")
ALONE = SeenFace("c.jpg", None, None, BOX, 0.7)
BLURRED = SeenFace("c.jpg", None, None, BOX, 0.6, reasons=("the face is too blurred", "x"))
PEOPLE = People(
    "folder", "dlib-128", 5, (Person(1, (OF_VIDEO, OF_PHOTO)),), (ALONE,), (BLURRED, BLURRED)
)


def write(folder: Path, record: object) -> Path:
    (folder / DOCUMENT).write_text(json.dumps(record))
    return folder


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read_people(write(tmp_path, PEOPLE.record())) == PEOPLE


def test_the_record_of_a_group_says_where_each_face_is() -> None:
    record = json.loads(json.dumps(PEOPLE.record()))
    (group,) = record["groups"]
    assert (group["number"], group["folder"], group["count"]) == (1, "person-001", 2)
    assert group["faces"][0] == {
        "file": "person-001/a-000012.jpg", "image": "a.mp4", "frame": 12, "seconds": 0.5,
        "box": list(BOX), "score": 0.9,
    }  # fmt: skip
    assert record["alone"] == [{"image": "c.jpg", "box": list(BOX), "score": 0.7}]
    assert record["left_out"][0]["reasons"] == ["the face is too blurred", "x"]


def test_a_face_is_counted_by_its_first_reason() -> None:
    assert PEOPLE.reasons() == {"the face is too blurred": 2}


@pytest.mark.parametrize("number", [0, 2, 99])
def test_a_group_that_is_not_there(number: int) -> None:
    with pytest.raises(InputError, match=rf"no group {number}; there are 1 to 1: see people.jpg"):
        PEOPLE.person(number)


def test_a_folder_without_results(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no clusters\.json in it; make it with: closeup cluster"):
        read_people(tmp_path)


def damaged(change: str) -> object:
    record = PEOPLE.record()
    first = record["groups"][0]["faces"][0]
    match change:
        case "list":
            return [record]
        case "version":
            record["version"] = 2
        case "no groups":
            del record["groups"]
        case "no box":
            del first["box"]
        case "short box":
            first["box"] = [1, 2]
        case "no file":
            del first["file"]
        case _:
            first["file"] = change
    return record


@pytest.mark.parametrize(
    "change",
    [
        "list", "version", "no groups", "no box", "short box", "no file", "../a.jpg", "/a.jpg",
        "notes.txt", "person-001/../../a.jpg", "person-001/.\\a.jpg",
    ],
)  # fmt: skip
def test_a_damaged_list_is_refused(change: str, tmp_path: Path) -> None:
    write(tmp_path, damaged(change))
    with pytest.raises(InputError, match=r"clusters\.json is damaged or .*; take .* away and run"):
        read_people(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null"])
def test_what_is_no_list(content: bytes, tmp_path: Path) -> None:
    (tmp_path / DOCUMENT).write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        read_people(tmp_path)


def test_an_interrupted_run_is_known_for_one(tmp_path: Path) -> None:
    write(tmp_path, {**PEOPLE.record(), UNFINISHED: []})
    with pytest.raises(InputError, match="the latest run did not finish; run it again"):
        read_people(tmp_path)
