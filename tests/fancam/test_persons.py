"""Tracklets of one person are joined, those of two never, and a doubt splits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.fancam.conflicts import find_conflicts
from closeup.fancam.persons import VideoPerson, find_persons
from closeup.fancam.same_person import Features, face_odds
from tests.calibrations import DLIB, plain
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, LEFT, MIDDLE, between

PLAIN = plain(3)
Faces = Sequence[Sequence[float]]


def persons(
    faces: Sequence[Faces],
    seen_at_once: Sequence[tuple[int, int]] = (),
    linked: Sequence[tuple[int, int, float]] = (),
    frames: Sequence[int] = (),
) -> list[VideoPerson]:
    """Persons of tracklets given by their faces, pairs in conflict, and log odds of links."""
    made = [
        make_tracklet(i, 0, frames[i] if frames else 10, vectors=vectors)
        for i, vectors in enumerate(faces)
    ]
    conflicts = np.zeros((len(made), len(made)), bool)
    links = np.zeros(conflicts.shape)
    for a, b in seen_at_once:
        conflicts[a, b] = conflicts[b, a] = True
    for a, b, odds in linked:
        links[a, b] = links[b, a] = odds
    return find_persons(Features.of(made, 3), links, conflicts, PLAIN)


def groups(found: Sequence[VideoPerson]) -> list[tuple[int, ...]]:
    return [person.tracklets for person in found]


def test_equal_faces_are_joined_wherever_they_are() -> None:
    found = persons([[ANN] * 3, [BOB] * 3, [BOB] * 2, [ANN], [ELSE]], seen_at_once=[(0, 1)])
    assert groups(found) == [(0, 3), (1, 2), (4,)]
    assert [person.id for person in found] == [0, 1, 4]


def test_faces_seen_at_once_are_never_joined() -> None:
    assert groups(persons([[ANN] * 3, [ANN] * 3], seen_at_once=[(0, 1)])) == [(0,), (1,)]


def test_two_equal_faces_seen_at_once_leave_a_third_alone() -> None:
    """Twins, or a person and the LED wall: nothing says which of them it is."""
    found = persons([[ANN] * 3, [ANN] * 3, [ANN] * 3], seen_at_once=[(0, 1)])
    assert groups(found) == [(0,), (1,), (2,)]


def test_a_face_between_two_people_who_are_seen_at_once_stays_alone() -> None:
    one, other = between(ANN, BOB, 0), between(ANN, BOB, 0.5)
    middle, nearer = between(ANN, BOB, 0.25), between(ANN, BOB, 0.1)
    apart = [(0, 1)]
    assert groups(persons([[one], [other], [middle]], apart)) == [(0,), (1,), (2,)]
    assert groups(persons([[one], [other], [nearer]], apart)) == [(0, 2), (1,)]


def test_a_face_between_two_that_may_be_one_person_joins_them() -> None:
    one, other = between(ANN, BOB, 0), between(ANN, BOB, 0.4)
    middle = between(ANN, BOB, 0.2)
    assert groups(persons([[one], [other]])) == [(0,), (1,)]
    assert groups(persons([[one], [other], [middle]])) == [(0, 1, 2)]


def test_of_two_equally_near_the_one_seen_for_long_is_it_rather() -> None:
    faces = [[between(ANN, BOB, distance)] for distance in (0, 0.5, 0.25)]
    assert groups(persons(faces, [(0, 1)], frames=[200, 10, 10])) == [(0, 2), (1,)]
    assert groups(persons(faces, [(0, 1)], frames=[10, 200, 10])) == [(0,), (1, 2)]


def test_what_was_joined_is_in_conflict_with_all_who_were_seen_beside_either() -> None:
    found = persons([[ANN] * 3, [ANN] * 3, [between(ANN, BOB, 0.25)] * 3], seen_at_once=[(1, 2)])
    assert groups(found) == [(0, 1), (2,)]


def test_place_and_clothes_join_tracklets_without_faces() -> None:
    faces: list[Faces] = [[ANN], [], []]
    assert groups(persons(faces, linked=[(0, 1, 5.0)])) == [(0, 1), (2,)]
    assert groups(persons(faces, linked=[(0, 1, 5.0), (1, 2, 4.0)])) == [(0, 1, 2)]
    assert groups(persons(faces, linked=[(0, 1, 1.0)])) == [(0,), (1,), (2,)]


def test_a_head_that_may_be_either_of_two_people_stays_alone() -> None:
    faces: list[Faces] = [[ANN], [BOB], []]
    both = [(0, 2, 5.0), (1, 2, 4.5)]
    assert groups(persons(faces, [(0, 1)], both)) == [(0,), (1,), (2,)]
    assert groups(persons(faces, [], both)) == [(0,), (1,), (2,)], "their faces say: two people"
    assert groups(persons(faces, [(0, 1)], [(0, 2, 5.0), (1, 2, 1.0)])) == [(0, 2), (1,)]


def test_clothes_do_not_overrule_faces() -> None:
    assert groups(persons([[ANN] * 3, [BOB] * 3], linked=[(0, 1, 6.0)])) == [(0,), (1,)]


def odds(one: Faces, other: Faces) -> float:
    """Log odds that two tracklets show one person, by their faces alone."""
    a, b = (Features.of([make_tracklet(0, 0, 10, vectors=faces)], 3) for faces in (one, other))
    return float(face_odds(a, b, PLAIN)[0, 0])


def test_each_tracklet_has_the_evidence_that_it_belongs_to_the_others() -> None:
    near = between(ANN, BOB, 0.25)
    (person,) = persons([[ANN] * 3, [near], []], linked=[(1, 2, 3.5)])
    assert person.tracklets == (0, 1, 2)
    assert person.links == pytest.approx([np.inf, odds([ANN] * 3, [near]) + 3.5, 3.5])


def test_a_tracklet_with_most_of_the_faces_is_the_person() -> None:
    assert [person.links for person in persons([[ANN], [BOB]])] == [(np.inf,), (np.inf,)]
    (person,) = persons([[ANN] * 4, [between(ANN, BOB, 0.3)] * 3])
    assert person.links[0] == np.inf
    assert person.links[1] == pytest.approx(odds([ANN] * 4, [between(ANN, BOB, 0.3)] * 3))


def test_a_tracklet_may_belong_to_one_look_of_a_person() -> None:
    """A profile is near to another profile and far from the mean of frontal faces."""
    profile = between(ANN, BOB, 0.4)
    (person,) = persons([[ANN] * 5, [profile] * 2, [profile]], linked=[(0, 1, 5.0)])
    nearest = odds([profile], [profile] * 2)
    assert person.links[2] == pytest.approx(nearest - 1)
    assert person.links[2] > odds([profile], [*[ANN] * 5, *[profile] * 2])


def test_nobody() -> None:
    assert persons([]) == []


Problem = tuple[Features, NDArray[np.float64], NDArray[np.bool_]]


def problem(calibration: EmbeddingCalibration, seed: int, count: int) -> Problem:
    """Tracklets of three people with noisy faces; links by chance; some are seen at once."""
    rng = np.random.default_rng(seed)
    people = rng.normal(size=(3, calibration.dimensions))
    people /= np.linalg.norm(people, axis=1, keepdims=True)
    made = []
    for number in range(count):
        start, noise = int(rng.integers(60)), rng.normal(size=(int(rng.integers(4)), len(people.T)))
        faces = people[rng.integers(3)] + 0.35 * noise / np.sqrt(len(people.T))
        box = (LEFT, MIDDLE)[int(rng.integers(2))]
        stop = start + int(rng.integers(1, 30))
        made.append(make_tracklet(number, start, stop, vectors=faces.tolist(), box=box))
    links = np.triu(rng.normal(0, 2, (count, count)), 1)
    features = Features.of(made, calibration.dimensions)
    return features, links + links.T, find_conflicts(made)


@pytest.mark.parametrize("calibration", [PLAIN, DLIB], ids=["plain", "dlib-128"])
@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 12))
def test_each_tracklet_is_of_one_person_and_nobody_is_two(
    calibration: EmbeddingCalibration, seed: int, count: int
) -> None:
    features, links, conflicts = problem(calibration, seed, count)
    found = find_persons(features, links, conflicts, calibration)
    assert sorted(t for person in found for t in person.tracklets) == list(range(count))
    assert [person.id for person in found] == sorted(person.id for person in found)
    for person in found:
        assert list(person.tracklets) == sorted(person.tracklets)
        assert len(person.links) == len(person.tracklets)
        assert not conflicts[np.ix_(person.tracklets, person.tracklets)].any()


@pytest.mark.parametrize("calibration", [PLAIN, DLIB], ids=["plain", "dlib-128"])
@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), count=st.integers(2, 10))
def test_the_order_of_the_tracklets_does_not_matter(
    calibration: EmbeddingCalibration, seed: int, count: int
) -> None:
    features, links, conflicts = problem(calibration, seed, count)
    order = np.random.default_rng(seed + 1).permutation(count)
    square = np.ix_(order, order)
    found = find_persons(features, links, conflicts, calibration)
    mixed = find_persons(features.rows(order), links[square], conflicts[square], calibration)
    expected = {frozenset(person.tracklets) for person in found}
    assert {frozenset(order[list(person.tracklets)].tolist()) for person in mixed} == expected


def test_the_arguments_stay_as_they_are() -> None:
    features, links, conflicts = problem(PLAIN, 3, 8)
    kept = [table.copy() for table in (features.sums, features.totals, links, conflicts)]
    find_persons(features, links, conflicts, PLAIN)
    for table, before in zip((features.sums, features.totals, links, conflicts), kept, strict=True):
        np.testing.assert_array_equal(table, before)
