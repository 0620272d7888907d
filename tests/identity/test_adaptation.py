"""The map that is learnt from faces of one person and of two people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.cohort import Cohort, distances, unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.identity.adaptation import EmbeddingMap, EquivalenceConstraints, learn_map
from tests.calibrations import DLIB, plain

SIDES, PEOPLE, FACES = 6, 8, 5
NOISY, TELLING = 1, 2
"""Directions in which faces of one person, and people, differ most; 0 is that of the mean."""


def drawn(seed: int, people: int = PEOPLE, faces: int = FACES) -> EquivalenceConstraints:
    """Faces around one direction; all people are known to differ."""
    rng = np.random.default_rng(seed)
    spread = np.array([0, 0.1, 0.3, 0.1, 0.1, 0.1])
    noise = np.array([0, 0.3, 0.05, 0.05, 0.05, 0.05])
    centres = np.eye(SIDES)[0] + spread * rng.normal(size=(people, 1, SIDES))
    vectors = centres + noise * rng.normal(size=(people, faces, SIDES))
    pairs = np.argwhere(np.triu(np.ones((people, people)), 1))
    groups = np.repeat(np.arange(people), faces)
    return EquivalenceConstraints(unit_length(vectors.reshape(-1, SIDES)), groups, pairs)


def with_cohort(seed: int) -> EmbeddingCalibration:
    centres = drawn(seed, 30, 1).vectors
    return replace(plain(SIDES), cohort=Cohort(centres, 0.3))


def learnt(
    constraints: EquivalenceConstraints,
    calibration: EmbeddingCalibration | None = None,
    **more: float,
) -> EmbeddingMap:
    found = learn_map(constraints, calibration or plain(SIDES), **more)
    assert found is not None
    return found


def spread(constraints: EquivalenceConstraints) -> tuple[float, float]:
    """Mean squared distance within groups, and between their means."""
    within = (constraints.residuals() ** 2).sum(axis=1).mean()
    between = (constraints.differences() ** 2).sum(axis=1).mean()
    return float(within), float(between)


@given(st.integers(0, 1000))
def test_the_identity_changes_nothing(seed: int) -> None:
    vectors, same = drawn(seed).vectors, EmbeddingMap(np.eye(SIDES))
    np.testing.assert_allclose(same.vectors(vectors), vectors, atol=1e-6)
    calibration = with_cohort(seed)
    assert calibration.cohort is not None
    mapped = same.calibration(calibration).cohort
    assert mapped is not None
    np.testing.assert_allclose(mapped.centres, calibration.cohort.centres, atol=1e-6)
    assert mapped.radius == calibration.cohort.radius


@given(st.integers(0, 1000), st.floats(0.1, 10))
def test_vectors_are_mapped_to_unit_length_whatever_their_length(seed: int, length: float) -> None:
    vectors, found = drawn(seed).vectors, learnt(drawn(seed))
    mapped = found.vectors(vectors)
    np.testing.assert_allclose(np.linalg.norm(mapped, axis=1), 1, atol=1e-6)
    longer = np.asarray(vectors * np.float32(length), np.float32)
    np.testing.assert_allclose(found.vectors(longer), mapped, atol=1e-5)
    assert not found.vectors(np.zeros((1, SIDES), np.float32)).any()


@given(st.integers(0, 1000), st.integers(2, 12), st.floats(0, 1))
def test_a_map_can_be_undone(seed: int, people: int, place: float) -> None:
    found = learn_map(drawn(seed, people, 6), plain(SIDES), place)
    if found is None:
        assert people * (people - 1) / 2 < 10 or people * 5 < 10
        return
    vectors = drawn(seed).vectors
    back = unit_length(found.vectors(vectors) @ np.linalg.inv(found.matrix))
    np.testing.assert_allclose(back, vectors, atol=1e-3)


@pytest.mark.parametrize("cohort", [False, True])
@given(seed=st.integers(0, 1000))
def test_typical_distances_stay(cohort: bool, seed: int) -> None:
    constraints = drawn(seed)
    calibration = with_cohort(seed) if cohort else plain(SIDES)
    found = learnt(constraints, calibration)

    def typical(means: NDArray[np.float32], calibration: EmbeddingCalibration) -> float:
        if calibration.cohort is None:
            apart = distances(means, means)
            return float(np.median(apart[tuple(constraints.apart.T)]))
        return float(np.median(calibration.relative_distances(means, calibration.cohort.centres)))

    mapped = typical(found.vectors(constraints.means), found.calibration(calibration))
    assert mapped == pytest.approx(typical(constraints.means, calibration), rel=1e-3)


@given(st.integers(0, 1000))
def test_faces_of_one_person_come_nearer_than_people_do(seed: int) -> None:
    before = drawn(seed)
    found = learnt(before)
    after = replace(before, vectors=found.vectors(before.vectors))
    (within, between), (was_within, was_between) = spread(after), spread(before)
    assert within / between < was_within / was_between
    assert found.matrix[NOISY, NOISY] < found.matrix[TELLING, TELLING]


@given(st.integers(0, 1000))
def test_whitening_makes_the_shrunk_covariance_a_multiple_of_the_identity(seed: int) -> None:
    constraints = drawn(seed)
    found = learnt(constraints, geodesic=0.0)
    axis = unit_length(constraints.means.mean(axis=0)).astype(np.float64)
    across = np.eye(SIDES) - np.outer(axis, axis)
    residuals = constraints.residuals() @ across
    moments = residuals.T @ residuals
    shrunk = across @ (moments / np.trace(moments) * (SIDES - 1) + np.eye(SIDES)) @ across
    white = found.matrix @ shrunk @ found.matrix
    np.testing.assert_allclose(white, across * np.trace(white) / (SIDES - 1), atol=1e-4)
    np.testing.assert_allclose(found.matrix @ axis, axis, atol=1e-6)


@given(st.integers(0, 1000))
def test_a_rotation_of_all_vectors_rotates_the_map(seed: int) -> None:
    constraints = drawn(seed)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(SIDES, SIDES)))[0]
    turned = replace(constraints, vectors=unit_length(constraints.vectors @ turn))
    expected = turn.T @ learnt(constraints).matrix @ turn
    np.testing.assert_allclose(learnt(turned).matrix, expected, atol=1e-3)


@given(st.integers(0, 1000))
def test_the_order_of_faces_and_pairs_says_nothing(seed: int) -> None:
    constraints, rng = drawn(seed), np.random.default_rng(seed)
    faces = rng.permutation(PEOPLE * FACES)
    shuffled = EquivalenceConstraints(
        constraints.vectors[faces],
        constraints.groups[faces],
        rng.permutation(constraints.apart)[:, ::-1],
    )
    expected = learnt(constraints).matrix
    np.testing.assert_allclose(learnt(shuffled).matrix, expected, atol=1e-5)


def test_few_constraints_change_little() -> None:
    apart = [
        np.linalg.norm(learnt(drawn(0, people, faces)).matrix - np.eye(SIDES))
        for people, faces in ((5, 3), (8, 5))
    ]
    assert 0 < apart[0] < apart[1]


def test_many_faces_of_few_people_change_no_more() -> None:
    many, more = (learnt(drawn(0, 8, faces)).matrix for faces in (400, 4000))
    np.testing.assert_allclose(many, more, atol=0.05)


@pytest.mark.parametrize(("people", "faces"), [(0, 0), (1, 1), (1, 40), (4, 9), (12, 1)])
def test_too_little_is_learnt_by_nothing(people: int, faces: int) -> None:
    assert learn_map(drawn(0, people, faces), plain(SIDES)) is None


def test_equal_faces_teach_nothing() -> None:
    constraints = drawn(0)
    of_one = np.repeat(constraints.means, FACES, axis=0)
    of_all = np.repeat(constraints.means[:1], PEOPLE * FACES, axis=0)
    for vectors in (of_one, of_all):
        assert learn_map(replace(constraints, vectors=vectors), plain(SIDES)) is None


def test_dlibs_calibration_stays_valid() -> None:
    rng = np.random.default_rng(0)
    assert DLIB.cohort is not None
    people = np.repeat(DLIB.cohort.centres[:20], 6, axis=0)
    vectors = unit_length(people + 0.02 * rng.normal(size=people.shape))
    pairs = np.argwhere(np.triu(np.ones((20, 20)), 1))
    found = learnt(EquivalenceConstraints(vectors, np.repeat(np.arange(20), 6), pairs), DLIB)
    mapped = found.calibration(DLIB)
    assert mapped.cohort is not None
    assert mapped.odds == DLIB.odds
    assert mapped.cohort.centres.shape == DLIB.cohort.centres.shape


@settings(max_examples=20)
@given(st.sampled_from([np.nan, np.inf]), st.integers(0, PEOPLE * FACES - 1))
def test_what_is_no_number_is_refused(number: float, row: int) -> None:
    vectors = drawn(0).vectors.copy()
    vectors[row, 0] = number
    with pytest.raises(ValueError, match="not finite; leave its face out"):
        replace(drawn(0), vectors=vectors)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"groups": np.zeros(3, np.int64)}, r"do not go with groups of shape \(3,\)"),
        ({"groups": np.full(PEOPLE * FACES, 2)}, "groups are not numbered from 0"),
        ({"groups": np.full(PEOPLE * FACES, -1)}, "groups are not numbered from 0"),
        ({"apart": np.array([[0, PEOPLE]])}, "names a group that is not among the 8"),
        ({"apart": np.array([[-1, 0]])}, "names a group that is not among the 8"),
        ({"apart": np.array([0, 1])}, r"pairs have shape \(2,\)"),
    ],
    ids=str,
)
def test_constraints_that_contradict_themselves_are_refused(
    changed: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        replace(drawn(0), **changed)


def test_vectors_of_another_embedder_are_refused() -> None:
    with pytest.raises(ValueError, match=r"6 dimensions do not go with .* dlib-128, which has 128"):
        learn_map(drawn(0), DLIB)


@pytest.mark.parametrize(
    ("matrix", "told"),
    [
        (np.ones((2, 3)), r"square matrix of finite numbers, not \(2, 3\)"),
        (np.full((2, 2), np.nan), "square matrix of finite numbers"),
        (np.array([[1.0, 0.0], [0.0, -1.0]]), "positive definite"),
        (np.zeros((2, 2)), "positive definite"),
        (np.array([[1.0, 0.5], [0.0, 1.0]]), "symmetric"),
    ],
)
def test_a_matrix_that_is_no_map_is_refused(matrix: NDArray[np.float64], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        EmbeddingMap(matrix)
