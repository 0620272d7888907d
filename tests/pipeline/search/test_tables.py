from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.identities import Likeness, Recognition
from closeup.pipeline.search.search import FacesInPicture
from closeup.pipeline.search.tables import write_faces_table, write_pupils_table

NAN = float("nan")
FACES = Faces(np.array([[0, 0, 80, 90], [100, 0, 140, 45]], np.float32), np.ones(2, np.float32))
EYES = Eyes(
    centres=np.array([[[20.5, 30.25], [60, 31]], [[110, 15], [NAN, NAN]]], np.float32),
    openness=np.array([[0.5, 1], [NAN, NAN]], np.float32),
    confidence=np.array([[0.9, 0.75], [0.5, 0]], np.float32),
    reasons=(("", ""), ("", "outside the picture")),
    gaze=np.array([[-0.25, 0.125], [NAN, NAN]]),
)
PEOPLE = (
    Recognition(
        (Likeness("Ada", 0.9, 0.25, 99, 0.001), Likeness("Bo", 0.05, 0.75, 0.5, 1)), accepted=True
    ),
    Recognition((Likeness("Bo", 0.2, 0.5, 0.25, 0.5),), accepted=False),
)


def found(name: str, frame: int | None = None) -> FacesInPicture:
    faces = FACES.with_columns(eyes=EYES)
    return FacesInPicture(Path("photos", name), name, frame, None, faces, "darkest")


def searched(frame: int | None = None, **columns: object) -> FacesInPicture:
    seconds = None if frame is None else Fraction(frame, 8)
    faces = FACES.with_columns(**columns)
    return FacesInPicture(Path("photos", "a.jpg"), "a.jpg", frame, seconds, faces)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))


def test_the_columns_are_exactly_these(tmp_path: Path) -> None:
    write_pupils_table(tmp_path / "pupils.csv", [found("a.jpg")])
    heading = (
        "image,face,right_eye_x,right_eye_y,left_eye_x,left_eye_y,right_open,left_open,confidence,"
        "gaze_x,gaze_y"
    )
    text = (tmp_path / "pupils.csv").read_text(encoding="utf-8")
    assert text.startswith(f"{heading}\n")


def test_what_is_not_known_is_empty(tmp_path: Path) -> None:
    write_pupils_table(tmp_path / "pupils.csv", [found("a.jpg")])
    assert rows(tmp_path / "pupils.csv")[1:] == [
        ["a.jpg", "0", "20.5", "30.25", "60.0", "31.0", "0.5", "1.0", "0.75", "-0.25", "0.125"],
        ["a.jpg", "1", "110.0", "15.0", "", "", "", "", "0.0", "", ""],
    ]


def test_frames_of_a_video(tmp_path: Path) -> None:
    write_pupils_table(tmp_path / "pupils.csv", [found("a.mp4", 0), found("a.mp4", 7)])
    heading, *others = rows(tmp_path / "pupils.csv")
    assert heading[:3] == ["image", "frame", "face"]
    assert [row[:3] for row in others] == [
        ["a.mp4", frame, face] for frame in ("0", "7") for face in ("0", "1")
    ]


@pytest.mark.parametrize("name", ['Ann, "the\nbest".png', "more/Rosé.jpg", "\udce9.png"])
def test_any_name_can_be_read_again(name: str, tmp_path: Path) -> None:
    write_pupils_table(tmp_path / "pupils.csv", [found(name)])
    assert rows(tmp_path / "pupils.csv")[1][0] == name


def test_the_document_says_why(tmp_path: Path) -> None:
    first, second = found("a.jpg").record()["faces"]
    assert list(first) == [
        "box", "score", "right_eye", "left_eye", "right_open", "left_open", "confidence",
        "gaze", "reasons",
    ]  # fmt: skip
    assert first["right_eye"] == [20.5, 30.25]
    assert first["gaze"] == [-0.25, 0.125]
    assert first["reasons"] == {}
    assert second["left_eye"] is None
    assert second["gaze"] is None
    assert second["right_open"] is None
    assert second["reasons"] == {"left_eye": "outside the picture"}


def test_faces_have_a_column_for_each_coordinate_of_their_points(tmp_path: Path) -> None:
    points = np.array([[[1, 2], [3.25, 4]], [[5, 6], [7, 8]]], np.float32)
    write_faces_table(tmp_path / "faces.csv", [searched(points=points), searched(points=points)])
    heading, first, second, *others = rows(tmp_path / "faces.csv")
    assert heading == [
        "image", "frame", "seconds", "face", "x1", "y1", "x2", "y2", "score",
        "p0_x", "p0_y", "p1_x", "p1_y",
    ]  # fmt: skip
    image = str(Path("photos", "a.jpg"))
    assert first == [
        image, "", "", "0", "0.0", "0.0", "80.0", "90.0", "1.0", "1.0", "2.0", "3.25", "4.0",
    ]  # fmt: skip
    assert second[3:9] == ["1", "100.0", "0.0", "140.0", "45.0", "1.0"]
    assert others == [first, second]


def test_people_have_names_before_their_points(tmp_path: Path) -> None:
    write_faces_table(tmp_path / "people.csv", [searched(4, identities=PEOPLE)])
    heading, first, second = rows(tmp_path / "people.csv")
    assert heading[9:13] == ["name", "confidence", "distance", "runner_up"]
    keys = ("name", "confidence", "distance", "odds", "false_accept_rate")
    assert heading[13:] == [f"candidate_{place}_{key}" for place in (1, 2, 3) for key in keys]
    assert (first[1:4], first[9:13]) == (["4", "0.5", "0"], ["Ada", "0.9", "0.25", "Bo"])
    assert first[13:18] == ["Ada", "0.9", "0.25", "99.0", "0.001"]
    assert first[18:23] == ["Bo", "0.05", "0.75", "0.5", "1.0"]
    assert first[23:] == [""] * 5
    assert second[9:13] == ["", "0.2", "0.5", ""]
    assert second[13:] == ["Bo", "0.2", "0.5", "0.25", "0.5", *[""] * 10]


def test_pictures_without_faces_have_the_heading_only(tmp_path: Path) -> None:
    empty = FacesInPicture(Path("a.jpg"), "a.jpg", None, None, Faces.none())
    write_faces_table(tmp_path / "faces.csv", [empty])
    write_pupils_table(tmp_path / "pupils.csv", [empty])
    assert [len(rows(tmp_path / name)) for name in ("faces.csv", "pupils.csv")] == [1, 1]
