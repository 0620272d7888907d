from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeup.errors import InputError
from closeup.formats.yolo_labels import (
    YoloLabels,
    label_file,
    read_yolo_labels,
    write_yolo_labels,
)
from closeup.geometry import Size

NAMES = ("anna", "bora", "chen")
SHARES = st.integers(0, 10_000).map(lambda value: value / 10_000)
SPANS = st.lists(SHARES, min_size=2, max_size=2, unique=True).map(sorted)


@st.composite
def labels(draw: st.DrawFn, length: int = 3) -> YoloLabels:
    count, points = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    rows = [(draw(SPANS), draw(SPANS)) for _ in range(count)]
    seen = st.sampled_from([0, 1, 2] if length == 3 else [0, 2])
    marks = [[draw(st.tuples(SHARES, SHARES, seen)) for _ in range(points)] for _ in rows]
    table = np.array(marks, np.float64).reshape(count, points, 3)
    if length == 2:  # no other way to say that it is unlabelled
        table[(table[..., :2] == 0).all(axis=-1), 2] = 0
    table[table[..., 2] == 0] = 0
    return YoloLabels(
        np.array([draw(st.integers(0, 2)) for _ in rows], np.int64),
        np.array([(x[0], y[0], x[1], y[1]) for x, y in rows], np.float64).reshape(-1, 4),
        table,
    )


@pytest.mark.parametrize("length", [2, 3])
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    path = tmp_path_factory.mktemp("labels") / "a.txt"

    @given(labels(length))
    def again(given: YoloLabels) -> None:
        write_yolo_labels(path, given, length)
        read = read_yolo_labels(path, NAMES, given.points.shape[1], length)
        if read.repeated:
            assert len(read) + read.repeated == len(given)
            return
        np.testing.assert_array_equal(read.classes, given.classes)
        np.testing.assert_allclose(read.boxes, given.boxes, atol=2e-6)
        np.testing.assert_allclose(read.points, given.points, atol=2e-6)
        assert read.cut == 0

    again()


def read(tmp_path: Path, text: str, points: int = 0, length: int = 3) -> YoloLabels:
    path = tmp_path / "a.txt"
    path.write_text(text)
    return read_yolo_labels(path, NAMES, points, length)


@pytest.mark.parametrize("text", ["", "\n", "  \r\n\t\n"])
def test_an_empty_file_is_background(tmp_path: Path, text: str) -> None:
    assert len(read(tmp_path, text)) == 0
    assert read(tmp_path, text, points=5).points.shape == (0, 5, 3)


def test_classes_may_be_written_as_floats_and_lines_end_as_on_windows(tmp_path: Path) -> None:
    found = read(tmp_path, "2.0 0.5 0.5 1 1\r\n\r\n 0\t0.25 0.25 0.5 0.5 \r\n")

    assert found.classes.tolist() == [2, 0]
    assert found.boxes.tolist() == [[0, 0, 1, 1], [0, 0, 0.5, 0.5]]


def test_a_box_that_sticks_out_a_little_is_cut_off_and_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "0 0.98 0.5 0.08 0.2\n0 0.5 0.5 0.2 0.2\n")

    np.testing.assert_allclose(found.boxes[0], [0.94, 0.4, 1, 0.6])
    assert found.cut == 1


def test_the_same_line_counts_once(tmp_path: Path) -> None:
    found = read(tmp_path, "0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n0 0.5 0.50 0.2 0.2\n")

    assert (len(found), found.repeated) == (2, 1)


def test_an_outline_counts_by_its_box(tmp_path: Path) -> None:
    found = read(tmp_path, "1 0.2 0.3 0.6 0.3 0.5 0.9\n")

    np.testing.assert_allclose(found.boxes, [[0.2, 0.3, 0.6, 0.9]])


def test_points_without_visibility_are_seen_where_they_are_labelled(tmp_path: Path) -> None:
    found = read(tmp_path, "0 0.5 0.5 0.4 0.4 0.4 0.5 0 0 -1 -1 0.6 1.2\n", points=4, length=2)

    assert found.points[0].tolist() == [[0.4, 0.5, 2], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.2", "4 numbers where 5 are a class and a box"),
        ("0 0.5 0.5 0.2 0.2 0.9", "6 numbers where 5"),
        ("0 0.5 0.5 0.2 nan", "'nan' is not a finite number"),
        ("face 0.5 0.5 0.2 0.2", "'face' is not a finite number"),
        ("3 0.5 0.5 0.2 0.2", "class 3, but the set's YAML file names the classes 0 to 2"),
        ("-1 0.5 0.5 0.2 0.2", "class -1"),
        ("0.5 0.5 0.5 0.2 0.2", "class 0.5"),
        ("0 0.5 0.5 0 0.2", "a box of 0 x 0.2"),
        ("0 0.5 0.5 0.2 -0.2", "a box of 0.2 x -0.2"),
        ("0 320 240 50 60", "not pixels"),
        ("0 0.9 0.5 0.4 0.2", r"from \(0.7, 0.4\) to \(1.1, 0.6\), out of the picture"),
        ("0 1.02 0.5 0.02 0.2", "out of the picture"),
        ("0 0.5 0.5 0.5 0.5 0.5 0.5", "an outline that holds nothing"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason(
    tmp_path: Path, line: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, f"0 0.5 0.5 0.1 0.1\n\n{line}\n")
    assert f"{tmp_path / 'a.txt'}, line 3: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.2 0.2", "5 numbers where 8 are a class, a box and 1 points"),
        ("0 0.5 0.5 0.2 0.2 0.4 0.4 3", "visibility 3"),
        ("0 0.5 0.5 0.2 0.2 320 240 2", r"a key point at \(320, 240\); .* not pixels"),
    ],
)
def test_bad_points_are_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, line, points=1)


def test_pixels_become_shares() -> None:
    """The first pixel's edge is -0.5 in the picture and 0 in the file."""
    points = np.array([[[31.5, 15.5, 2], [80, 10, 2]]])
    made = YoloLabels.from_pixels(
        Size(64, 32), np.array([1]), np.array([[-0.5, 7.5, 40, 99]]), points
    )

    np.testing.assert_allclose(made.boxes, [[0, 0.25, 40.5 / 64, 1]])
    assert made.points.tolist() == [[[0.5, 0.5, 2], [0, 0, 0]]]
    with pytest.raises(ValueError, match="nothing in a picture of 64x32"):
        YoloLabels.from_pixels(Size(64, 32), np.array([0]), np.array([[70, 0, 90, 20]]))


@pytest.mark.parametrize(
    ("image", "labels_are"),
    [
        ("set/images/train/a.jpg", "set/labels/train/a.txt"),
        ("images/set/train/images/a.b.png", "images/set/train/labels/a.b.txt"),
        ("set/train/a.jpg", "set/train/a.txt"),
        ("set/my images/images.jpg", "set/my images/images.txt"),
    ],
)
def test_labels_lie_where_ultralytics_looks(image: str, labels_are: str) -> None:
    assert label_file(Path(image)) == Path(labels_are)
