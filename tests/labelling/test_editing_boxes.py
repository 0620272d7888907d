"""Gestures on boxes."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, strategies as st

from closeup.geometry import Size
from closeup.labelling.editing_boxes import LEAST, BoxEditing
from closeup.labels import Box, Point

SIZE = Size(200, 100)
CORNERS = [((20, 30), (60, 80)), ((60, 80), (20, 30)), ((60, 30), (20, 80))]
EXTREMES = [(20, 50), (40, 30), (60, 55), (45, 80)]
places = st.tuples(st.floats(-10, 220), st.floats(-10, 120))


def drag(
    editing: BoxEditing, a: Point, b: Point, key: str = "new", *, draw: bool = False
) -> object:
    editing.press(a, 4, key, draw=draw)
    editing.drag(b)
    return editing.release()


@pytest.mark.parametrize(
    "corners", [((20, 30), (60, 80)), ((60, 80), (20, 30)), ((60, 30), (20, 80))]
)
def test_a_drag_draws_a_box_from_any_corner(corners: tuple[Point, Point]) -> None:
    editing = BoxEditing({}, SIZE)
    assert drag(editing, *corners) == "new"
    assert editing.boxes == {"new": (20, 30, 60, 80)}
    assert editing.selected == "new"


def test_a_slip_of_the_hand_makes_no_box() -> None:
    editing = BoxEditing({}, SIZE)
    assert drag(editing, (20, 30), (20.5, 90)) is None
    assert drag(editing, (20, 30), (20, 30)) is None
    assert editing.boxes == {}
    assert editing.selected is None


def test_a_press_inside_moves_the_box_as_far_as_the_picture_goes() -> None:
    editing = BoxEditing({"a": (20, 30, 60, 80)}, SIZE)
    assert drag(editing, (40, 55), (45, 52)) == "a"
    assert editing.boxes["a"] == (25, 27, 65, 77)
    drag(editing, (40, 55), (-300, 55))
    assert editing.boxes["a"] == (-0.5, 27, 39.5, 77)


@pytest.mark.parametrize(
    ("grip", "to", "box"),
    [
        ((20, 55), (10, 0), (10, 30, 60, 80)),
        ((61, 55), (70, 0), (70 - 50, 30, 70, 80)),
        ((40, 29), (0, 20), (20, 20, 60, 80)),
        ((58, 78), (90, 95), (20, 30, 90, 95)),
        ((20, 30), (90, 95), (60, 80, 90, 95)),  # pulled past the opposite corner
    ],
)
def test_edges_and_corners_resize(grip: Point, to: Point, box: Box) -> None:
    editing = BoxEditing({"a": (20, 30, 60, 80)}, SIZE)
    assert drag(editing, grip, to) == "a"
    assert editing.boxes["a"] == box


def test_a_box_that_is_pressed_flat_is_what_it_was() -> None:
    editing = BoxEditing({"a": (20, 30, 60, 80)}, SIZE)
    assert drag(editing, (20, 55), (60, 55)) is None
    assert editing.boxes["a"] == (20, 30, 60, 80)


def test_the_smallest_box_below_the_pointer_is_taken() -> None:
    editing = BoxEditing({"body": (0, 0, 100, 90), "face": (40, 10, 60, 30)}, SIZE)
    editing.selected = None
    editing.press((50, 20), 2, "new")
    assert editing.selected == "face"


def test_a_box_can_be_drawn_inside_of_another_one() -> None:
    editing = BoxEditing({"body": (0, 0, 100, 90)}, SIZE)
    assert drag(editing, (40, 10), (60, 30), draw=True) == "new"
    assert editing.boxes == {"body": (0, 0, 100, 90), "new": (40, 10, 60, 30)}


@pytest.mark.parametrize("order", list(permutations(EXTREMES)))
def test_four_extreme_points_in_any_order_make_a_box(order: tuple[Point, ...]) -> None:
    editing = BoxEditing({}, SIZE)
    made = [editing.add_extreme(at, "new") for at in order]
    assert made == [None, None, None, "new"]
    assert editing.boxes == {"new": (20, 30, 60, 80)}
    assert editing.extremes == []


def test_boxes_are_chosen_nudged_and_removed_by_keys() -> None:
    editing = BoxEditing({"a": (20, 30, 60, 80), "b": (100, 10, 150, 60)}, SIZE)
    editing.choose_next()
    assert editing.selected == "b"
    assert editing.nudge(0.25, -1) == "b"
    assert editing.boxes["b"] == (100.25, 9, 150.25, 59)
    assert editing.remove() == "b"
    assert editing.remove() == "a"
    assert editing.remove() is None
    assert editing.nudge(1, 0) is None
    editing.choose_next()
    assert editing.selected is None


def test_a_box_that_sticks_out_can_be_moved_inwards_only() -> None:
    editing = BoxEditing({"a": (-20, 30, 60, 80)}, SIZE)
    editing.nudge(-5, 0)
    assert editing.boxes["a"] == (-20, 30, 60, 80)
    editing.nudge(5, 0)
    assert editing.boxes["a"] == (-15, 30, 65, 80)


@given(st.lists(st.tuples(places, places, st.booleans()), max_size=8))
def test_any_drags_leave_boxes_with_an_area_within_the_picture(
    drags: list[tuple[Point, Point, bool]],
) -> None:
    editing = BoxEditing({}, SIZE)
    for number, (a, b, draw) in enumerate(drags):
        before = dict(editing.boxes)
        changed = drag(editing, a, b, str(number), draw=draw)
        different = {key for key in editing.boxes if editing.boxes[key] != before.get(key)}
        assert different == ({changed} if changed is not None else set())
        assert not editing.is_held
    for x1, y1, x2, y2 in editing.boxes.values():
        assert min(x2 - x1, y2 - y1) >= LEAST - 1e-9
        assert x1 >= -0.5
        assert y1 >= -0.5
        assert x2 <= SIZE.width - 0.5
        assert y2 <= SIZE.height - 0.5
