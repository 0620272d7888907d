from __future__ import annotations

import numpy as np

from closeup.fancam.assign import NOBODY
from closeup.fancam.clothing_evidence import clothes_evidence
from tests.fancam.tracklet_maker import make_tracklet

RED, BLUE = 7, 200
SURE = [[8.0, -8.0], [-8.0, 8.0]]


def test_clothes_tell_who_turned_away() -> None:
    rows = [
        make_tracklet(0, 0, 10, colour=RED, vectors=[[0]] * 3),
        make_tracklet(1, 0, 10, colour=BLUE, vectors=[[1]] * 3),
        make_tracklet(2, 20, 30, colour=RED),
    ]
    added = clothes_evidence(rows, np.array([0, 1, NOBODY]), np.array([*SURE, [0.0, 0.0]]))
    assert added[2, 0] > 1
    assert added[2, 1] < -1
    assert added[:2].min() == 0, "nothing is taken from faces that were seen well"


def test_the_same_costume_says_nothing() -> None:
    rows = [
        make_tracklet(0, 0, 10, colour=RED, vectors=[[0]] * 3),
        make_tracklet(1, 0, 10, colour=RED, vectors=[[1]] * 3),
        make_tracklet(2, 20, 30, colour=RED),
    ]
    added = clothes_evidence(rows, np.array([0, 1, NOBODY]), np.array([*SURE, [0.0, 0.0]]))
    assert not added.any()


def test_clothes_never_overrule_a_face_that_says_no() -> None:
    rows = [
        make_tracklet(0, 0, 10, colour=RED, vectors=[[0]] * 3),
        make_tracklet(1, 0, 10, colour=BLUE, vectors=[[1]] * 3),
        make_tracklet(2, 20, 30, colour=RED, vectors=[[2]]),
    ]
    added = clothes_evidence(rows, np.array([0, 1, NOBODY]), np.array([*SURE, [-3.0, -3.0]]))
    assert added[2].max() <= 0


def test_nothing_is_learnt_from_doubtful_tracklets() -> None:
    rows = [
        make_tracklet(0, 0, 10, colour=RED, vectors=[[0]]),
        make_tracklet(1, 20, 30, colour=RED),
    ]
    added = clothes_evidence(rows, np.array([0, NOBODY]), np.array([[1.0], [0.0]]))
    assert not added.any()


def test_clothes_help_a_face_that_does_not_say_no() -> None:
    rows = [
        make_tracklet(0, 0, 10, colour=RED, vectors=[[0]] * 3),
        make_tracklet(1, 0, 10, colour=BLUE, vectors=[[1]] * 3),
        make_tracklet(2, 20, 30, colour=RED, vectors=[[2]] * 3),
    ]
    added = clothes_evidence(rows, np.array([0, 1, NOBODY]), np.array([*SURE, [-1.0, -1.0]]))
    assert added[2].tolist() == [3.0, 0.0]
