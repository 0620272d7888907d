from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.formats.csv_labels import read_labels, write_labels
from closeup.labels import FIVE_POINTS, FaceLabel
from tests.formats.label_strategies import face_labels
from tests.listening import Listener


@given(labels=st.lists(face_labels(), min_size=1, max_size=5))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, labels: list[FaceLabel]
) -> None:
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    write_labels(path, labels)
    again = read_labels(path)
    assert [label.image for label in again] == [label.image for label in labels]
    for read, written in zip(again, labels, strict=True):
        assert read.box == (written.box and pytest.approx(written.box, abs=1e-4))
        assert read.points.keys() == written.points.keys()
        for name, point in written.points.items():
            assert read.points[name] == pytest.approx(point, abs=1e-4)


def test_the_files_of_hand_set_eyes_are_read(shared_data: Path) -> None:
    labels = read_labels(shared_data / "eyes" / "truth_validation.csv")
    assert len(labels) == 824
    first = labels[0]
    assert first.image == "Abdel_Aziz_Al-Hakim/Abdel_Aziz_Al-Hakim_0001.jpg"
    assert first.box is None
    assert first.points["left_eye"] == (144.11, 112.02)
    assert tuple(first.points) == FIVE_POINTS
    assert all(label.points["right_eye"][0] < label.points["left_eye"][0] for label in labels)


def test_a_spreadsheet_may_have_written_it(tmp_path: Path) -> None:
    text = '\ufeffnote,image,nose_x,nose_y\r\n"a, b",my photo.jpg, 3 ,4.5\r\n,,,\r\n'
    path = tmp_path / "truth of mine.csv"
    path.write_bytes(text.encode())
    assert read_labels(path) == [FaceLabel("my photo.jpg", None, {"nose": (3.0, 4.5)})]


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ("person_x", "Aaron"),
        ("person_x,person_y", "Aaron,Bill"),
        ("gaze_x,gaze_y", "0.1,-0.2"),
        ("bbox_x,bbox_y,bbox_w,bbox_h", "1,2,3,4"),
        ("right_eye_x_x,right_eye_x_y", "1,2"),
        ("_x,_y", "1,2"),
        ("p_x,p_y,p1a_x,p1a_y", "1,2,3,4"),
        ("note,note", "a,b"),
    ],
)
def test_columns_that_are_no_points_are_passed_over_and_named(
    tmp_path: Path, columns: str, cells: str
) -> None:
    path, listener = tmp_path / "truth.csv", Listener()
    path.write_text(f"image,nose_x,{columns},nose_y,p12_x,p12_y\na.jpg,1,{cells},2,3,4\n")

    assert read_labels(path, listener) == [
        FaceLabel("a.jpg", None, {"nose": (1, 2), "p12": (3, 4)})
    ]

    ends = [column for column in columns.split(",") if column[-2:] in ("_x", "_y")]
    assert len(listener.lines) == bool(ends)
    assert all(repr(column) in listener.lines[0] for column in ends)


def test_points_with_other_names_are_read_where_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    write_labels(path, [FaceLabel("a.jpg", None, {"tip": (1, 2), "gaze_x": (3, 4)})])
    listener = Listener()
    assert read_labels(path, listener, names=["tip"])[0].points == {"tip": (1, 2)}
    assert "'gaze_x_x', 'gaze_x_y'" in listener.lines[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_spreadsheet_with_decimal_commas(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes("image;nose_x;nose_y\r\nü.jpg;1,5;2\r\n".encode(encoding))
    assert read_labels(path) == [FaceLabel("ü.jpg", None, {"nose": (1.5, 2)})]


def test_what_is_not_labelled_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    write_labels(path, [FaceLabel("a.jpg", (0, 1, 2, 3), {"p0": (1, 1)}), FaceLabel("b.jpg")])
    assert path.read_text().splitlines()[2] == "b.jpg,,,,,,"
    assert read_labels(path)[1] == FaceLabel("b.jpg")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column called image"),
        ("image|nose_x|nose_y\na.jpg|1|2\n", "separated by commas"),
        ("image,nose_x,nose_y\n", "no row below the heading"),
        ("image,nose_x\na.jpg,1\n", "a column nose_x, but no nose_y"),
        ("image,nose_x,nose_y,nose_x\na.jpg,1,2,3\n", "the column nose_x is there twice"),
        ("image,box_x1,box_y1\na.jpg,1,2\n", "a box needs all of"),
        ("image,nose_x,nose_y\na.jpg,1,2\nb.jpg,1\n", "line 3: 2 cells in 3 columns"),
        ("image,nose_x,nose_y\na.jpg,1,\n", "line 2: nose has only some of its numbers"),
        ("image,nose_x,nose_y\na.jpg,1,two\n", "line 2, nose: 'two' is not a finite number"),
        ("image,nose_x,nose_y\na.jpg,1,nan\n", "line 2, nose: 'nan' is not a finite number"),
        ("image,nose_x,nose_y\n,1,2\n", "line 2: it names no image"),
        ("image,box_x1,box_y1,box_x2,box_y2\na.jpg,5,5,1,9\n", "line 2: the box .* holds nothing"),
        ('image,nose_x,nose_y\n"a.jpg,1,2\n', "line 2: unexpected end of data"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        read_labels(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes("image,nose_x,nose_y\nJosé.jpg,1,2\n".encode("latin-1"))
    with pytest.raises(InputError, match="line 2: not UTF-8 text"):
        read_labels(path)
    path.write_bytes("image,nose_x,nose_y\na.jpg,1,2\n".encode("utf-16-le"))
    with pytest.raises(InputError, match="line 1: holds a zero byte"):
        read_labels(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_labels(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_labels(tmp_path)
