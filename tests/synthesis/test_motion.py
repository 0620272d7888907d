from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.synthesis.motion import track
from closeup.testing import Act, Key, Look, Passage

WALK = (Key(0, 0.2, 0.4, 0.1), Key(2, 0.8, 0.4, 0.2))


def test_keys_are_met_and_nothing_overshoots() -> None:
    pose = track(Act("A", WALK))
    assert (pose(0).x, pose(0).face) == pytest.approx((0.2, 0.1))
    assert (pose(2).x, pose(2).face) == pytest.approx((0.8, 0.2))
    assert (pose(-1).x, pose(9).x) == pytest.approx((0.2, 0.8))
    places = [pose(t).x for t in np.linspace(0, 2, 50)]
    assert all(np.diff(places) >= 0)


def test_one_key_stands_still() -> None:
    pose = track(Act("A", (Key(0, 0.5, 0.4, 0.1),)))
    assert pose(0) == pose(7)


@given(st.floats(0, 10))
def test_a_plain_turn_flips_once_and_stays_a_face(seconds: float) -> None:
    pose = track(Act("A", WALK, (Passage(Look.FRONT, 4, 5, flip=True),)))(seconds)
    assert pose.look is Look.FRONT
    assert 0.5 < abs(pose.stretch) <= 1
    assert (pose.stretch < 0) == (seconds >= 4.5)


@pytest.mark.parametrize(
    ("seconds", "look", "faces", "photo"),
    [
        (0.9, Look.FRONT, True, 0),
        (1.14, Look.FRONT, False, 0),
        (1.2, Look.BACK, False, 0),
        (2.0, Look.BACK, False, 1),
        (2.8, Look.BACK, False, 1),
        (3.0, Look.FRONT, True, 1),
    ],
)
def test_turning_away_shows_another_photo_afterwards(
    seconds: float, look: Look, faces: bool, photo: int
) -> None:
    pose = track(Act("A", WALK, (Passage(Look.BACK, 1, 3, photo=1),)))(seconds)
    assert (pose.look, pose.faces_camera, pose.photo) == (look, faces, photo)


def test_raised_arms_leave_the_face_to_the_camera() -> None:
    pose = track(Act("A", WALK, (Passage(Look.RAISED, 1, 3),)))(2)
    assert pose.look is Look.RAISED
    assert pose.faces_camera


@pytest.mark.parametrize("look", [Look.HAND, Look.HAIR])
def test_a_hidden_face_does_not_face_the_camera(look: Look) -> None:
    pose = track(Act("A", WALK, (Passage(look, 1, 2),)))
    assert not pose(1.0).faces_camera
    assert pose(2.0).faces_camera
    assert pose(1.5).stretch == 1


@pytest.mark.parametrize(
    ("keys", "passages", "message"),
    [
        ((), (), "do not increase"),
        ((Key(1, 0, 0, 0.1), Key(1, 1, 0, 0.1)), (), "do not increase"),
        (WALK, (Passage(Look.HAND, 2, 1),), "put them in order"),
        (WALK, (Passage(Look.HAND, 0, 2), Passage(Look.HAIR, 1, 3)), "put them in order"),
    ],
)
def test_acts_out_of_order_are_refused(
    keys: tuple[Key, ...], passages: tuple[Passage, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Act("A", keys, passages)
