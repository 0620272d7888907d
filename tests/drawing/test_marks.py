from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.drawing.lettering import label
from closeup.drawing.marks import PLAIN, Mark, draw_marks, mark_faces
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage

NO_POINTS = np.empty((0, 2), np.float32)


def box(*edges: float) -> NDArray[np.float32]:
    return np.array(edges, np.float32)


def grey(width: int, height: int) -> RGBImage:
    return np.full((height, width, 3), 90, np.uint8)


def changed(image: RGBImage, drawn: RGBImage) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of what shows; antialiasing leaves a trace beside every line."""
    rows, columns = np.nonzero(np.abs(drawn.astype(int) - image).max(axis=2) > 60)
    return rows, columns


def test_a_box_runs_along_its_edges_and_leaves_the_rest_alone() -> None:
    image = grey(120, 100)
    drawn = draw_marks(image, [Mark(box(20, 30, 60, 80), NO_POINTS)])
    assert np.all(image == 90)
    rows, columns = changed(image, drawn)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (20, 60, 30, 80)
    assert np.array_equal(drawn[32:79, 22:59], image[32:79, 22:59])
    assert np.abs(drawn[50, 20].astype(int) - PLAIN).max() < 20


def test_an_edge_between_two_columns_shows_in_both() -> None:
    drawn = draw_marks(grey(100, 100), [Mark(box(20.5, 20, 60.5, 80), NO_POINTS)])
    left, right = drawn[50, 20, 1], drawn[50, 21, 1]
    assert 90 < left < 255
    assert abs(int(left) - int(right)) < 20


def test_points_lie_where_they_are() -> None:
    image = grey(100, 100)
    points = np.array([[30, 40], [50, 60.25]], np.float32)
    drawn = draw_marks(image, [Mark(box(-50, -50, 200, 200), points, colour=(255, 0, 0))])
    for x, y in ((30, 40), (50, 60)):
        assert tuple(drawn[y, x]) == (255, 0, 0)
    rows, columns = changed(image, drawn)
    assert (columns.min() + columns.max(), rows.min() + rows.max()) == (80, 100)


def test_crosses_lie_where_they_are_and_grow_with_the_face() -> None:
    image = grey(400, 400)
    for side in (100, 300):
        edges = box(10, 10, 10 + side, 10 + side)
        middle = np.array([[60, 70]], np.float32)
        plain = draw_marks(image, [Mark(edges, NO_POINTS)])
        drawn = draw_marks(image, [Mark(edges, NO_POINTS, crosses=middle)])
        rows, columns = np.nonzero((plain != drawn).any(axis=2))
        assert (columns.min() + columns.max(), rows.min() + rows.max()) == (120, 140)
        assert np.ptp(rows) == pytest.approx(0.09 * side, abs=5)
        assert tuple(drawn[70, 60]) == PLAIN


def plate_place(drawn: RGBImage, text: str) -> tuple[int, int]:
    """Row and column of the first pixel of the plate with this text."""
    plate = label(text, "?", 14, PLAIN)
    height, width = plate.shape[:2]
    for row in range(drawn.shape[0] - height + 1):
        for column in range(drawn.shape[1] - width + 1):
            if np.array_equal(drawn[row : row + height, column : column + width], plate):
                return row, column
    raise AssertionError("no plate")


@pytest.mark.parametrize(
    ("edges", "place"),
    [
        ((40, 50, 70, 80), (36, 40)),  # above
        ((40, 5, 70, 80), (81, 40)),  # no room above
        ((40, -5, 70, 125), (0, 40)),  # nor below
    ],
)
def test_a_label_stands_beside_its_box_and_in_the_picture(
    edges: tuple[float, ...], place: tuple[int, int]
) -> None:
    drawn = draw_marks(grey(150, 120), [Mark(box(*edges), NO_POINTS, "0.98")])
    assert plate_place(drawn, "0.98") == place


def test_a_label_at_the_right_edge_moves_in() -> None:
    drawn = draw_marks(grey(150, 120), [Mark(box(140, 50, 149, 80), NO_POINTS, "Ann")])
    width = label("Ann", "?", 14, PLAIN).shape[1]
    assert plate_place(drawn, "Ann") == (36, 150 - width)


def test_labels_lie_over_boxes() -> None:
    first, second = (
        Mark(box(40, 50, 70, 80), NO_POINTS, "Ann"),
        Mark(box(30, 40, 60, 70), NO_POINTS),
    )
    assert plate_place(draw_marks(grey(150, 120), [first, second]), "Ann") == (36, 40)


def test_names_in_any_script() -> None:
    marks = [Mark(box(40, 50, 70, 80), NO_POINTS, "\U0010fffd", otherwise="#1")]
    assert plate_place(draw_marks(grey(150, 120), marks), "#1") == (36, 40)


def test_lines_and_letters_grow_with_the_picture() -> None:
    def drawn_pixels(scale: int) -> int:
        mark = Mark(scale * box(40, 50, 70, 80), NO_POINTS, "0.9")
        image = grey(150 * scale, 120 * scale)
        return len(changed(image, draw_marks(image, [mark]))[0])

    assert drawn_pixels(20) > 25 * drawn_pixels(1)


def test_the_far_end_of_a_wide_picture() -> None:
    image = grey(60_000, 40)
    drawn = draw_marks(image, [Mark(box(59_900, 5, 59_930, 35), np.array([[59_915.0, 20.0]]))])
    rows, columns = changed(image, drawn)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (59_900, 59_930, 5, 35)


def test_a_picture_that_is_only_a_view() -> None:
    image = grey(60, 60)[:, ::-1]
    image.flags.writeable = False
    drawn = draw_marks(image, [Mark(box(10, 20, 30, 40), NO_POINTS, "x")])
    assert drawn.flags.c_contiguous
    assert (drawn != 90).any()


@given(
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    edges=st.tuples(*[st.floats(-100, 200, width=32)] * 4),
    text=st.text(max_size=3),
)
def test_nothing_leaves_the_picture(
    size: tuple[int, int], edges: tuple[float, float, float, float], text: str
) -> None:
    image = grey(*size)
    corners = box(
        min(edges[0], edges[2]), min(edges[1::2]), max(edges[0], edges[2]), max(edges[1::2])
    )
    drawn = draw_marks(image, [Mark(corners, corners.reshape(2, 2), text, otherwise="?")])
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8


def test_a_text_wider_than_the_picture_gives_way_to_a_short_one() -> None:
    picture = grey(120, 120)
    edges, nowhere = box(30, 60, 80, 100), np.empty((0, 2), np.float32)
    long = draw_marks(picture, [Mark(edges, nowhere, "a reason that is far too long", "7")])
    short = draw_marks(picture, [Mark(edges, nowhere, "7", "7")])
    np.testing.assert_array_equal(long, short)


def of_two(**columns: object) -> Faces:
    faces = Faces.of([[10, 30, 60, 90], [110, 30, 160, 90]], [0.9, 0.8])
    return faces.with_columns(**columns)


def test_faces_are_marked_with_all_that_is_known() -> None:
    image = grey(200, 120)
    centres = np.array([[[25, 50], [np.nan, np.nan]], [[125, 50], [145, 50]]], np.float32)
    unknown = np.full((2, 2), np.nan, np.float32)
    eyes = Eyes(centres, unknown, unknown, (("", "hidden"), ("", "")))
    points = np.array([[[35, 70]], [[135, 70]]], np.float32)
    drawn = mark_faces(image, of_two(points=points, scheme="nose", eyes=eyes), ["", ""])
    for x, y in ((10, 60), (160, 60), (25, 50), (125, 50), (145, 50), (35, 70), (135, 70)):
        assert not np.array_equal(drawn[y, x], image[y, x]), (x, y)
    assert np.array_equal(drawn[45:56, 40:50], image[45:56, 40:50])
    assert np.all(image == 90)


def test_without_texts_faces_have_their_names_else_their_scores() -> None:
    image = grey(200, 120)
    scores = mark_faces(image, of_two())
    assert np.array_equal(scores, mark_faces(image, of_two(), ["0.90", "0.80"]))
    assert not np.array_equal(scores, mark_faces(image, of_two(), ["", ""]))


def test_each_face_needs_a_text() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        mark_faces(grey(200, 120), of_two(), ["one"])
