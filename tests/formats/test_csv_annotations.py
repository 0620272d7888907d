"""Annotation sets as CSV, as spreadsheets and other programs write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint, LabelVerdict
from closeup.errors import InputError
from closeup.formats.csv_annotations import (
    is_csv,
    read_csv_annotations,
    write_csv_annotations,
)
from closeup.formats.csv_labels import write_labels
from closeup.geometry import Size
from closeup.labels import FaceLabel


def read(folder: Path, text: str) -> AnnotationSet:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return read_csv_annotations(path)


def test_a_table_of_another_program(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,image,class,box_x1,box_y1,box_x2,box_y2,nose_x,nose_y,gaze_x,gaze_y,ear_x,ear_y,ear_v\n"
        "7,a.jpg,Zoë,1,2,3,4,5,6,0.1,0.2,,,\n"
        "8,a.jpg,,,,,,1,1,,,9,9,0\n"
        "9,b.jpg,,,,,,,,,,,,\n",
    )
    first, second = found.pictures
    assert first.annotations == (
        Annotation(
            "Zoë", (1, 2, 3, 4), {"nose": KeyPoint(5, 6)},
            extra={"csv": {"id": "7", "gaze_x": "0.1", "gaze_y": "0.2"}},
        ),
        Annotation(points={"nose": KeyPoint(1, 1)}, extra={"csv": {"id": "8"}}),
    )  # fmt: skip
    assert second == AnnotatedPicture("b.jpg", extra={"csv": {"id": "9"}})
    write_csv_annotations(tmp_path / "ours.csv", found)
    assert read_csv_annotations(tmp_path / "ours.csv") == found


def test_a_spreadsheet_with_decimal_commas(tmp_path: Path) -> None:
    found = read(tmp_path, "image;nose_x;nose_y;score;keyframe\na.jpg;1,5;2;0,25;FALSE\n")
    assert found.pictures[0].annotations == (
        Annotation(points={"nose": KeyPoint(1.5, 2)}, score=0.25, keyframe=False),
    )


def test_frames_of_a_video_are_pictures_of_their_own(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "image,frame,width,height,class,key\nv.mp4,3,64,48,Zoë,a\nv.mp4,4,64,48,,\n"
        "v.mp4,3,64,48,Rosé,b\n",
    )
    assert [(picture.frame, len(picture.annotations)) for picture in found.pictures] == [
        (3, 2), (4, 0),
    ]  # fmt: skip
    assert found.pictures[0].size == Size(64, 48)
    assert found.pictures[0].annotations[1].key == "b"


def test_a_label_table_of_ours_is_read_as_well(tmp_path: Path) -> None:
    labels = [FaceLabel("a.jpg", (1, 2, 3, 4), {"right_eye": (1.25, 2.5)})]
    write_labels(tmp_path / "labels.csv", labels)
    (picture,) = read_csv_annotations(tmp_path / "labels.csv").pictures
    assert picture.annotations[0].points == {"right_eye": KeyPoint(1.25, 2.5)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,nose_x\na,1\n", "a column nose_x, but no nose_y"),
        ("image,nose_x,nose_y\na,1,\n", "line 2: nose has only some of its numbers"),
        ("image,nose_x,nose_y,nose_v\na,1,2,5\n", "line 2: a visibility of 5, not 0, 1 or 2"),
        ("image,frame\na,-1\n", "line 2: the frame -1; frames count from 0"),
        ("image,width,height\na,0,5\n", "line 2: a picture of 0 x 5 pixels"),
        ("image,width,height\na,6,5\na,7,5\n", "line 3: 'a' has another size"),
        ("image,class\n,x\n", "line 2: it names no image"),
        ("image,verdict\na,maybe\n", 'line 2: verdict is "maybe", none of true'),
        ("image,absent\na,perhaps\n", 'line 2: absent is "perhaps", neither true nor false'),
        ("image,score\na,3\n", "line 2: score is 3.0, not from 0 to 1"),
        ("image,class,class\na,x,y\n", "the column class is there twice"),
        ("image,nose_x,nose_y\na,1e9,1\n", "line 2: .* beyond"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, text)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("heading", ["image,a", 'a;"image"', "\ufeff\n\nframe\timage"])
def test_a_table_is_recognised(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "a"
    path.write_text(f"{heading}\n1,2\n", encoding="utf-8")
    assert is_csv(path)


def test_a_verdict_of_a_whole_picture(tmp_path: Path) -> None:
    found = read(tmp_path, "image,verdict\na.jpg,unsure\n")
    assert found.pictures[0].annotations == (Annotation(verdict=LabelVerdict.UNSURE),)
