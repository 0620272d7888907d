"""Gestures on the points of one object."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from closeup.annotations import KeyPoint
from closeup.geometry import Size
from closeup.labelling.editing import COARSE, FINE, PointEditing

EYE = ("right_corner", "pupil", "left_corner")
SIZE = Size(60, 40)
places = st.tuples(st.floats(-0.5, 59.5), st.floats(-0.5, 39.5))


def click(editing: PointEditing, at: tuple[float, float], reach: float = 1.0) -> None:
    editing.press(at, reach)
    editing.release()


def place(editing: PointEditing, name: str) -> tuple[float, float]:
    return editing.points[name].x, editing.points[name].y


def test_clicks_set_the_points_in_their_order() -> None:
    editing = PointEditing(EYE, {}, SIZE)
    assert editing.selected is None
    for name, at in zip(EYE, [(10, 20), (25, 18), (45, 21)], strict=True):
        assert editing.current == name
        click(editing, at)
        assert editing.selected == name
        assert place(editing, name) == at
    assert editing.unset is None


def test_a_proposed_point_is_corrected_with_one_click() -> None:
    editing = PointEditing(EYE, {name: KeyPoint(10 + 15 * i, 20) for i, name in enumerate(EYE)},
                           SIZE)  # fmt: skip
    click(editing, (29, 24))
    assert place(editing, "pupil") == (29, 24)
    assert place(editing, "right_corner") == (10, 20)
    assert editing.selected == "pupil"


def test_a_press_near_a_point_drags_it_without_a_jump() -> None:
    editing = PointEditing(EYE, {"pupil": KeyPoint(25, 18)}, SIZE)
    editing.press((25.6, 18.2), reach=1)
    assert editing.is_held
    assert place(editing, "pupil") == (25, 18)
    editing.drag((30.6, 19.2))
    assert place(editing, "pupil") == pytest.approx((30, 19))
    editing.release()
    editing.drag((1, 1))
    assert place(editing, "pupil") == pytest.approx((30, 19))


def test_a_chosen_point_is_the_one_that_a_click_moves() -> None:
    editing = PointEditing(EYE, {name: KeyPoint(10 + 15 * i, 20) for i, name in enumerate(EYE)},
                           SIZE)  # fmt: skip
    editing.choose("right_corner")
    click(editing, (36, 25))
    assert place(editing, "right_corner") == (36, 25)
    assert place(editing, "left_corner") == (40, 20)


def test_choosing_goes_through_the_points_and_says_where_the_end_is() -> None:
    editing = PointEditing(EYE, {}, SIZE)
    assert editing.choose_next()
    assert editing.current == "pupil"
    assert editing.choose_next()
    assert not editing.choose_next()
    assert editing.current == "right_corner"


def test_keys_do_nothing_without_a_point() -> None:
    editing = PointEditing(EYE, {}, SIZE)
    assert not editing.nudge(COARSE, 0)
    assert not editing.toggle_hidden()
    assert not editing.remove()


def test_a_removed_point_is_the_next_to_be_set() -> None:
    editing = PointEditing(EYE, {name: KeyPoint(10 + 15 * i, 20) for i, name in enumerate(EYE)},
                           SIZE)  # fmt: skip
    click(editing, (25, 20))
    assert editing.remove()
    assert "pupil" not in editing.points
    click(editing, (30, 30))
    assert place(editing, "pupil") == (30, 30)


def test_a_hidden_point_stays_hidden_when_it_moves() -> None:
    editing = PointEditing(EYE, {"pupil": KeyPoint(25, 18)}, SIZE)
    assert editing.toggle_hidden()
    editing.nudge(FINE, 0)
    assert editing.points["pupil"] == KeyPoint(25.25, 18, visible=False)
    editing.toggle_hidden()
    assert editing.points["pupil"].visible


def test_points_of_another_schema_survive() -> None:
    editing = PointEditing(("pupil",), {"iris": KeyPoint(3, 4)}, SIZE)
    click(editing, (3, 4))
    assert editing.points == {"iris": KeyPoint(3, 4), "pupil": KeyPoint(3, 4)}


@given(places, st.integers(-200, 200), st.integers(-200, 200))
def test_nudges_add_up_and_stay_in_the_picture(
    at: tuple[float, float], right: int, down: int
) -> None:
    editing = PointEditing(("pupil",), {}, SIZE)
    click(editing, at)
    for step in (right, down):
        for _ in range(abs(step) % 20):
            editing.nudge(FINE * (1 if step > 0 else -1), 0)
    x, y = place(editing, "pupil")
    assert -0.5 <= x <= SIZE.width - 0.5
    assert y == at[1]


@given(st.lists(places, min_size=1, max_size=8), st.floats(0, 5))
def test_any_clicks_leave_points_of_the_schema_within_the_picture(
    clicks: list[tuple[float, float]], reach: float
) -> None:
    editing = PointEditing(EYE, {}, SIZE)
    for at in clicks:
        before = dict(editing.points)
        click(editing, at, reach)
        changed = [name for name in editing.points if editing.points[name] != before.get(name)]
        assert len(changed) <= 1
    assert set(editing.points) <= set(EYE)
    for point in editing.points.values():
        assert -0.5 <= point.x <= 59.5
        assert -0.5 <= point.y <= 39.5
