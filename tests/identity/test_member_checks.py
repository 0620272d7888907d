from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.identity.member_checks import agreeing_face, common_person, duplicates, odd_photos
from tests.calibrations import plain

SIDE = 64
CALIBRATION = plain(SIDE)


def photos_of(person: int, count: int, seed: int = 0, spread: float = 0.015) -> NDArray[np.float32]:
    """Unit vectors of one person: some 0.17 apart, and some 1.4 from those of other people."""
    random = np.random.default_rng([person, seed])
    return unit_length(np.eye(SIDE)[person] + spread * random.normal(size=(count, SIDE)))


def full(count: int) -> NDArray[np.float64]:
    return np.ones(count)


@given(st.integers(3, 9), st.integers(0, 8), st.integers(0, 99))
def test_the_one_photo_of_somebody_else(count: int, place: int, seed: int) -> None:
    vectors = photos_of(0, count, seed)
    assert odd_photos(vectors, full(count), CALIBRATION) == []
    vectors[place % count] = photos_of(1, 1, seed)[0]
    assert odd_photos(vectors, full(count), CALIBRATION) == [place % count]


def test_several_photos_of_others_as_long_as_they_are_fewer() -> None:
    own = photos_of(0, 5)
    mixed = np.concatenate([photos_of(1, 1), own, photos_of(2, 1)])
    assert odd_photos(mixed, full(7), CALIBRATION) == [0, 6]
    halves = np.concatenate([own[:2], photos_of(1, 2)])
    assert len(odd_photos(halves, full(4), CALIBRATION)) <= 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_photos_do_not_say_which_is_odd(count: int) -> None:
    vectors = np.concatenate([photos_of(0, 1), photos_of(1, 1)])[:count]
    assert odd_photos(vectors, full(count), CALIBRATION) == []


def test_a_photo_of_no_weight_is_not_judged() -> None:
    vectors = np.concatenate([photos_of(0, 3), photos_of(1, 1), photos_of(2, 1)])
    assert odd_photos(vectors[:4], np.array([1, 1, 1, 0.0]), CALIBRATION) == []
    assert odd_photos(vectors, np.array([1, 1, 1, 0.0, 1]), CALIBRATION) == [4]
    assert odd_photos(vectors[[0, 1, 3]], np.array([0.0, 1, 1]), CALIBRATION) == [2]
    assert odd_photos(vectors[[0, 1, 3]], np.full(3, 0.2), CALIBRATION) == []


def test_the_face_that_agrees() -> None:
    group = np.concatenate([photos_of(person, 1, 1) for person in (3, 0, 2)])
    for known in (1, 4):
        assert agreeing_face(group, photos_of(0, known), CALIBRATION) == 1
        assert agreeing_face(group[[0, 2]], photos_of(0, known), CALIBRATION) is None
        assert agreeing_face(group[[1]], photos_of(0, known), CALIBRATION) == 0
        assert agreeing_face(group[[0]], photos_of(0, known), CALIBRATION) is None
    for known in (0, 3):
        photos = photos_of(known, 2)
        assert agreeing_face(group, photos, CALIBRATION, subject=2) == [1, None, None, 0][known]
    assert agreeing_face(group[:1], photos_of(3, 1), CALIBRATION, subject=0) == 0
    twice = np.concatenate([group, photos_of(0, 1, 2)])
    assert agreeing_face(twice, photos_of(0, 4), CALIBRATION) is None
    assert agreeing_face(twice, photos_of(0, 4), CALIBRATION, subject=3) == 3
    assert agreeing_face(twice, photos_of(0, 4), CALIBRATION, subject=0) is None


def test_the_one_person_in_common() -> None:
    def group(seed: int, *people: int) -> NDArray[np.float32]:
        return np.concatenate([photos_of(person, 1, seed) for person in people])

    groups = [group(0, 1, 0), group(1, 0, 2, 3), group(2, 4, 5), group(3, 6, 0)]
    assert common_person(groups, CALIBRATION) == [1, 0, None, 1]
    assert common_person(groups[2:], CALIBRATION) == [None, None]
    both = [group(0, 1, 0), group(1, 0, 1)]
    assert common_person(both, CALIBRATION) == [None, None]
    assert common_person([], CALIBRATION) == []


@pytest.mark.parametrize("photos", [1, 2, 5, 40])
def test_one_person_under_several_names(photos: int) -> None:
    people = [0, 1, 2, 0, 3, 0]
    means = unit_length(
        np.array([photos_of(person, photos, n).mean(axis=0) for n, person in enumerate(people)])
    )
    counts = np.full(len(people), photos)
    assert duplicates(means, counts, CALIBRATION) == list(combinations([0, 3, 5], 2))
    assert duplicates(means[:1], counts[:1], CALIBRATION) == []


def test_the_more_members_the_nearer_must_two_be() -> None:
    apart = 0.36
    pair = np.zeros((2, 600), np.float32)
    pair[:, 0] = 1
    pair[1, :2] = 1 - apart**2 / 2, np.sqrt(1 - (1 - apart**2 / 2) ** 2)
    everybody = np.concatenate([pair, np.eye(600, dtype=np.float32)[2:]])
    calibration = plain(600)
    for members, told in ((2, [(0, 1)]), (7, [(0, 1)]), (600, [])):
        counts = np.ones(members, np.int64)
        assert duplicates(everybody[:members], counts, calibration) == told
    assert duplicates(pair, np.array([8, 8]), calibration) == []
