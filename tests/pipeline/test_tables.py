from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.pipeline.pupils import PupilsInPicture
from closeup.pipeline.tables import write_pupils_table

NAN = float("nan")
FACES = Faces(np.array([[0, 0, 80, 90], [100, 0, 140, 45]], np.float32), np.ones(2, np.float32))
EYES = Eyes(
    centres=np.array([[[20.5, 30.25], [60, 31]], [[110, 15], [NAN, NAN]]], np.float32),
    openness=np.array([[0.5, 1], [NAN, NAN]], np.float32),
    confidence=np.array([[0.9, 0.75], [0.5, 0]], np.float32),
    reasons=(("", ""), ("", "outside the picture")),
)
GAZE = np.array([[-0.25, 0.125], [NAN, NAN]])


def found(name: str, frame: int | None = None) -> PupilsInPicture:
    return PupilsInPicture(Path("photos", name), name, frame, None, FACES, EYES, GAZE, "darkest")


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
