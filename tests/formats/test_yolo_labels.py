from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.formats.yolo_labels import (
    LabelRepairs,
    label_file,
    read_yolo_labels,
    write_yolo_labels,
)
from closeup.geometry import Size
from closeup.labels import PictureLabels

NAMES = ("anna", "bora", "chen")
SIZE = Size(200, 100)
SHARES = st.integers(0, 10_000).map(lambda value: value / 10_000)
SPANS = st.lists(SHARES, min_size=2, max_size=2, unique=True).map(sorted)
SIZES = st.builds(Size, st.integers(1, 8000), st.integers(1, 8000))


@st.composite
def labels(draw: st.DrawFn, size: Size, length: int = 3) -> PictureLabels:
    count, points = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    rows = [(draw(SPANS), draw(SPANS)) for _ in range(count)]
    seen = st.sampled_from([0, 1, 2] if length == 3 else [0, 2])
    marks = [[draw(st.tuples(SHARES, SHARES, seen)) for _ in range(points)] for _ in rows]
    table = np.array(marks, np.float64).reshape(count, points, 3)
    if length == 2:  # no other way to say that it is unlabelled
        table[(table[..., :2] == 0).all(axis=-1), 2] = 0
    table[..., :2] = table[..., :2] * size - 0.5
    table[table[..., 2] == 0] = 0
    boxes = np.array([(x[0], y[0], x[1], y[1]) for x, y in rows], np.float64).reshape(-1, 4)
    classes = np.array([draw(st.integers(0, 2)) for _ in rows], np.int64)
    return PictureLabels.of(boxes * np.tile(size, 2) - 0.5, classes, table)


@pytest.mark.parametrize("length", [2, 3])
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    """In pixels, of pictures of any size, up to the millionth of a side that a file keeps."""
    path = tmp_path_factory.mktemp("labels") / "a.txt"

    @given(st.data(), SIZES)
    def again(data: st.DataObject, size: Size) -> None:
        given_ = data.draw(labels(size, length))
        write_yolo_labels(path, given_, size, length)
        read, repairs = read_yolo_labels(path, size, NAMES, given_.points.shape[1], length)
        if repairs.repeated:
            assert len(read) + repairs.repeated == len(given_)
            return
        np.testing.assert_array_equal(read.classes, given_.classes)
        near = 3e-6 * max(size)
        np.testing.assert_allclose(read.boxes, given_.boxes, atol=near)
        np.testing.assert_array_equal(read.points[..., 2], given_.points[..., 2])
        np.testing.assert_allclose(read.points, given_.points, atol=near)
        assert repairs.cut == 0
        assert not read.ignored.any()

    again()


@given(st.data(), SIZES)
def test_reading_and_writing_change_no_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, size: Size
) -> None:
    first, second = (tmp_path_factory.mktemp("labels") / name for name in ("a.txt", "b.txt"))
    given_ = data.draw(labels(size))
    write_yolo_labels(first, given_, size)
    read, repairs = read_yolo_labels(first, size, NAMES, given_.points.shape[1])
    write_yolo_labels(second, read, size)
    if not repairs.repeated:
        before, after = (
            [float(word) for word in path.read_text().split()] for path in (first, second)
        )
        np.testing.assert_allclose(after, before, atol=1.1e-6)


def read(
    tmp_path: Path, text: str, points: int = 0, length: int = 3
) -> tuple[PictureLabels, LabelRepairs]:
    path = tmp_path / "a.txt"
    path.write_text(text)
    return read_yolo_labels(path, SIZE, NAMES, points, length)


def edges(*shares: float) -> list[float]:
    """Shares of the sides in pixels of a picture, whose first begins at -0.5."""
    return (np.reshape(shares, (-1, 2)) * SIZE - 0.5).ravel().tolist()


@pytest.mark.parametrize("text", ["", "\n", "  \r\n\t\n"])
def test_an_empty_file_is_background(tmp_path: Path, text: str) -> None:
    assert len(read(tmp_path, text)[0]) == 0
    assert read(tmp_path, text, points=5)[0].points.shape == (0, 5, 3)


def test_classes_may_be_written_as_floats_and_lines_end_as_on_windows(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "2.0 0.5 0.5 1 1\r\n\r\n 0\t0.25 0.25 0.5 0.5 \r\n")

    assert found.classes.tolist() == [2, 0]
    assert found.boxes.tolist() == [edges(0, 0, 1, 1), edges(0, 0, 0.5, 0.5)]


def test_a_box_that_sticks_out_a_little_is_cut_off_and_counted(tmp_path: Path) -> None:
    found, repairs = read(tmp_path, "0 0.98 0.5 0.08 0.2\n0 0.5 0.5 0.2 0.2\n")

    np.testing.assert_allclose(found.boxes[0], edges(0.94, 0.4, 1, 0.6), rtol=1e-6)
    assert repairs == LabelRepairs(cut=1)


def test_the_same_line_counts_once(tmp_path: Path) -> None:
    found, repairs = read(tmp_path, "0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n0 0.5 0.50 0.2 0.2\n")

    assert len(found) == 2
    assert repairs == LabelRepairs(repeated=1)


def test_an_outline_counts_by_its_box(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "1 0.2 0.3 0.6 0.3 0.5 0.9\n")

    np.testing.assert_allclose(found.boxes, [edges(0.2, 0.3, 0.6, 0.9)], rtol=1e-6)


def test_points_without_visibility_are_seen_where_they_are_labelled(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "0 0.5 0.5 0.4 0.4 0.4 0.5 0 0 -1 -1 0.6 1.2\n", points=4, length=2)

    assert found.points[0].tolist() == [[*edges(0.4, 0.5), 2], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


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


def test_pixels_become_shares(tmp_path: Path) -> None:
    """The first pixel's edge is -0.5 in the picture and 0 in the file."""
    points = np.array([[[31.5, 15.5, 2], [80, 10, 2]]])
    own = PictureLabels.of(np.array([[-0.5, 7.5, 47.5, 99]]), np.array([1]), points)

    write_yolo_labels(tmp_path / "a.txt", own, Size(64, 32))

    text = "1 0.375000 0.625000 0.750000 0.750000 0.500000 0.500000 2 0.000000 0.000000 0\n"
    assert (tmp_path / "a.txt").read_text() == text


def test_what_the_format_cannot_say_is_not_written(tmp_path: Path) -> None:
    outside = PictureLabels.of(np.array([[70, 0, 90, 20]]))
    with pytest.raises(ValueError, match="nothing in a picture of 64x32"):
        write_yolo_labels(tmp_path / "a.txt", outside, Size(64, 32))
    ignored = PictureLabels.of(np.array([[0, 0, 9, 9]]), ignored=np.ones(1, np.bool_))
    with pytest.raises(ValueError, match="cannot mark an object as ignored"):
        write_yolo_labels(tmp_path / "a.txt", ignored, Size(64, 32))
    assert not list(tmp_path.iterdir())


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
