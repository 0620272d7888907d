from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.fancam.camera.body import (
    CALM,
    CROUCH,
    FACE_SHAPE,
    GLIDE,
    LONGEST,
    REACH,
    SEEN_MARGIN,
    STANDING,
    STEADY,
    bodies_of,
    face_heights,
    glided,
    seen_soles,
    whole_body_fits,
)
from closeup.fancam.camera.stretches import runs
from closeup.fancam.member_detections import MemberDetections
from closeup.geometry import Boxes, Size
from closeup.tracks import PositionSource, Trajectory

FRAME = Size(1920, 1080)
RATE = 10


def faces(y: NDArray[np.float64] | float, height: float = 80, count: int = 100) -> Boxes:
    """Boxes of one face whose centre is in row ``y``."""
    middle = np.broadcast_to(y, (count,))
    half = np.full(count, height / 2)
    x = np.full(count, 900.0)
    return np.stack([x - 30, middle - half, x + 30, middle + half], axis=1).astype(np.float32)


def at(count: int) -> NDArray[np.float64]:
    return np.arange(count) / RATE


def fits(boxes: Boxes, heights: float = 800) -> NDArray[np.bool_]:
    times = at(len(boxes))
    return whole_body_fits(bodies_of(boxes, times), np.full(len(boxes), heights), times, FRAME)


def test_a_square_box_is_a_face_without_its_forehead() -> None:
    boxes = np.array([[0, 0, 60, 80], [0, 0, 64, 64]], np.float32)
    assert face_heights(boxes) == pytest.approx([80, 64 * FACE_SHAPE])


def test_the_rows_of_a_body_are_multiples_of_the_face() -> None:
    body = bodies_of(faces(300), at(100))
    assert body.unit == pytest.approx(80)
    assert body.top == pytest.approx(300 - REACH * 80)
    assert body.standing == pytest.approx(300 + STANDING * 80)
    assert body.soles == pytest.approx(300 + LONGEST * 80)


def test_a_jump_does_not_move_the_soles_but_the_hands() -> None:
    rows = np.full(100, 300.0)
    rows[50 : 50 + round(CALM * RATE / 3)] -= 100
    body = bodies_of(faces(rows), at(100))
    assert np.ptp(body.soles) == 0
    assert np.ptp(body.top) == pytest.approx(100)


@pytest.mark.parametrize(("row", "shown"), [(300, True), (490, True), (510, False), (900, False)])
def test_the_soles_of_a_standing_person_decide(row: float, shown: bool) -> None:
    assert set(fits(faces(row))) == {shown}


def test_a_crouch_is_not_a_change_of_the_framing() -> None:
    rows = np.full(200, 450.0)
    rows[80:] += (CROUCH - 1) * 80
    assert fits(faces(rows, count=200)).all()


def test_a_camera_that_moves_in_ends_the_view_of_the_body() -> None:
    rows = np.linspace(300, 1000, 300)
    shown = fits(faces(rows, count=300))
    assert shown[0]
    assert not shown[-1]
    assert len(runs(shown, slice(0, 300))) == 1


def test_a_larger_face_below_the_picture_is_no_crouch() -> None:
    far, near = faces(400, count=100), faces(400 + 80, height=1.5 * 80, count=100)
    shown = fits(np.concatenate([far, near]))
    assert shown[:100].all()
    assert not shown[100:].any()


def test_a_small_body_is_not_shown_whole() -> None:
    assert fits(faces(300), heights=270).all()
    assert not fits(faces(300), heights=269).any()


def walker(row: float, count: int = 50) -> Trajectory:
    """A member whose face, 80 pixels high, stays in a row around the column 900."""
    return Trajectory(
        "Ann", faces(row, count=count), np.full(count, PositionSource.TRACKED, np.uint8),
        np.ones(count, np.float32), np.zeros(count, np.int64),
    )  # fmt: skip


def persons(boxes: list[tuple[float, float, float, float]], frame: int = 20) -> MemberDetections:
    found = Detections.of_one_class(
        np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes), np.float32)
    )
    return MemberDetections(np.array([frame]), np.zeros(len(boxes), np.int64), found)


@pytest.mark.parametrize(
    ("boxes", "row"),
    [
        ([(800, 212, 1000, 850)], 850),
        ([(700, 212, 880, 700), (800, 212, 1000, 850)], 850),
        ([(800, 212, 1000, 1075)], None),
        ([(800, 212, 1000, 600)], None),
        ([(1300, 212, 1500, 850)], None),
        ([(800, 400, 1000, 900)], None),
        ([], None),
    ],
    ids=["whole", "of two", "cut off", "covered", "of another", "below the face", "nobody"],
)
def test_soles_are_seen_where_a_whole_person_has_the_face(
    boxes: list[tuple[float, float, float, float]], row: float | None
) -> None:
    rows = seen_soles(walker(300), persons(boxes), FRAME)
    assert np.flatnonzero(np.isfinite(rows)).tolist() == ([] if row is None else [20])
    assert row is None or rows[20] == pytest.approx(row)


def test_a_person_in_a_frame_without_the_member_or_beyond_the_video_is_nobody() -> None:
    absent = Trajectory.absent("Ann", 50)
    box = [(800.0, 212.0, 1000.0, 850.0)]
    assert np.isnan(seen_soles(absent, persons(box), FRAME)).all()
    assert np.isnan(seen_soles(walker(300), persons(box, 50), FRAME)).all()


def test_seen_soles_replace_the_proportions_for_a_second() -> None:
    seen = np.full(100, np.nan)
    seen[[40, 60]] = 800, 820
    body, plain = bodies_of(faces(300), at(100), seen), bodies_of(faces(300), at(100))
    reach = round(CALM * RATE)
    changed = np.flatnonzero(body.standing != plain.standing)
    assert changed.tolist() == list(range(40 - reach, 60 + reach + 1))
    assert body.standing[[30, 40, 50, 60]] == pytest.approx([800, 800, 810, 820])
    assert body.soles[50] == pytest.approx(810 + SEEN_MARGIN * 80)


def test_a_person_who_crouches_from_the_start_is_shown_whole() -> None:
    boxes, times = faces(600), at(100)
    heights = np.full(100, 800.0)
    assert not whole_body_fits(bodies_of(boxes, times), heights, times, FRAME).any()
    body = bodies_of(boxes, times, np.full(100, 1040.0))
    assert whole_body_fits(body, heights, times, FRAME).all()


def test_a_glide_begins_where_the_body_is_no_longer_whole() -> None:
    mask = np.zeros(200, np.bool_)
    mask[60:120] = True
    shares = glided(mask, at(200))
    assert (shares[mask] == 1).all()
    assert (shares[~mask] < 1).all()
    assert (np.diff(shares[40:61]) >= 0).all()
    reach = round(GLIDE * RATE) + 1
    assert not shares[: 60 - reach].any()
    assert not shares[120 + reach :].any()


@given(st.lists(st.tuples(st.floats(0, 1079), st.integers(1, 60)), min_size=1, max_size=12))
def test_the_framing_never_flickers(parts: list[tuple[float, int]]) -> None:
    rows = np.concatenate([np.full(count, row) for row, count in parts])
    shown = fits(faces(rows, count=len(rows)))
    whole = slice(0, len(rows))
    for run in (*runs(shown, whole), *runs(~shown, whole)):
        length = run.stop - run.start
        ends = run.start == 0 or run.stop == len(rows)
        assert length >= STEADY * RATE / (2 if ends else 1) or length == len(rows)
