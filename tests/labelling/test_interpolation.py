"""Labels between key frames."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.labelling.interpolation import between, filled_in

PLACES = st.floats(-1e4, 1e4)


def at(x: float, y: float, *, visible: bool = True) -> Annotation:
    return Annotation(
        "Ann",
        (x, y, x + 10, y + 20),
        {"pupil": KeyPoint(x, y, visible)},
        key="3",
        verdict=LabelVerdict.TRUE,
        origin=Origin.PERSON,
        score=0.5,
    )


@given(PLACES, PLACES, PLACES, PLACES, st.floats(0, 1))
def test_an_object_moves_evenly(x: float, y: float, u: float, v: float, share: float) -> None:
    made = between(at(x, y), at(u, v), share)
    expected = (x + (u - x) * share, y + (v - y) * share)
    point = made.points["pupil"]
    assert (point.x, point.y) == pytest.approx(expected)
    assert made.box is not None
    assert made.box[:2] == pytest.approx(expected)
    assert made.box[2] - made.box[0] == pytest.approx(10)
    said = (made.name, made.key, made.keyframe, made.origin, made.verdict, made.score)
    assert said == ("Ann", "3", False, Origin.INTERPOLATED, None, None)


def test_ends_are_the_key_frames() -> None:
    first, last = at(1, 2), at(5, 8)
    assert between(first, last, 0).box == first.box
    assert between(first, last, 1).box == last.box


def test_what_one_frame_does_not_have_is_left_out() -> None:
    first = Annotation(points={"a": KeyPoint(1, 1), "b": KeyPoint(2, 2)})
    last = Annotation(box=(0, 0, 1, 1), points={"b": KeyPoint(4, 2, visible=False)})
    made = between(first, last, 0.5)
    assert made.box is None
    assert made.points == {"b": KeyPoint(3, 2, visible=False)}


def test_an_object_that_leaves_stays_until_then() -> None:
    gone = Annotation(key="3", absent=True)
    made = between(at(1, 2), gone, 0.7)
    assert made.box == at(1, 2).box
    assert not made.absent


def test_frames_between_key_frames_are_filled_by_their_numbers() -> None:
    proposed = Annotation(box=(7, 7, 8, 8), origin=Origin.MODEL)
    labels = [proposed, at(0, 0), None, proposed, at(10, 0), None]
    made = dict(filled_in([0, 10, 12, 18, 20, 30], labels))
    assert {index: label.points["pupil"].x for index, label in made.items()} == {2: 2, 3: 8}


def test_nothing_is_filled_in_after_an_object_left() -> None:
    gone = Annotation(box=(0, 0, 1, 1), absent=True, origin=Origin.PERSON)
    assert dict(filled_in([0, 1, 2], [gone, None, at(1, 1)])) == {}
