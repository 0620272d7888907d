from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.identity.joint import (
    NON_MEMBERS,
    REPEATED,
    exact_marginals,
    joint_posterior,
    log_prior,
    pair_marginals,
    propagated_marginals,
)

Table = NDArray[np.float64]
LOG_ODDS = st.floats(-12, 12)


def tables(faces: st.SearchStrategy[int]) -> st.SearchStrategy[Table]:
    shapes = st.tuples(faces, st.integers(1, 4))
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=LOG_ODDS))


def enumerated(log_odds: Table) -> tuple[Table, Table]:
    """Once and repeated, by a list of all that each face may be."""
    faces, members = log_odds.shape
    states = [("nobody", 0), *product(("once", "again"), range(members))]
    found = {"once": np.zeros(log_odds.shape), "again": np.zeros(log_odds.shape)}
    total = 0.0
    for chosen in product(states, repeat=faces):
        once = [member for kind, member in chosen if kind == "once"]
        if len(set(once)) < len(once):
            continue
        weight = prior(faces, members, len(once))
        for face, (kind, member) in enumerate(chosen):
            if kind != "nobody":
                weight *= np.exp(log_odds[face, member])
            if kind == "again":
                weight *= REPEATED if faces > 1 else 0
        total += weight
        for face, (kind, member) in enumerate(chosen):
            if kind != "nobody":
                found[kind][face, member] += weight
    return found["once"] / total, found["again"] / total


def prior(faces: int, members: int, pairs: int) -> float:
    """Prior of one assignment: the mean over shares of non-members, from a Beta distribution."""
    share = (np.arange(4000) + 0.5) / 4000
    density = share ** (NON_MEMBERS - 1) * (1 - share) ** (NON_MEMBERS * members - 1)
    likely = share ** (faces - pairs) * (1 - share) ** pairs
    choices = np.prod(np.arange(members, members - pairs, -1), initial=1.0)
    return float((density * likely).sum() / density.sum() / choices)


@given(tables(st.integers(1, 3)))
def test_the_posterior_is_that_of_all_assignments(log_odds: Table) -> None:
    found = joint_posterior(log_odds)
    once, again = enumerated(log_odds)
    np.testing.assert_allclose(found.once, once, atol=2e-3)
    np.testing.assert_allclose(found.repeated, again, atol=2e-3)


@given(tables(st.integers(1, 5)), st.integers(0, 1000))
def test_the_order_of_faces_and_members_does_not_matter(log_odds: Table, seed: int) -> None:
    random = np.random.default_rng(seed)
    faces, members = (random.permutation(side) for side in log_odds.shape)
    found = joint_posterior(log_odds[faces][:, members])
    expected = joint_posterior(log_odds)
    np.testing.assert_allclose(found.once, expected.once[faces][:, members], atol=1e-9)
    np.testing.assert_allclose(found.repeated, expected.repeated[faces][:, members], atol=1e-9)


@given(tables(st.just(1)))
def test_one_face_is_each_member_or_nobody_with_equal_priors(log_odds: Table) -> None:
    odds = np.exp(log_odds)
    found = joint_posterior(log_odds)
    np.testing.assert_allclose(found.shown, odds / (1 + odds.sum()), rtol=1e-9)
    assert not found.repeated.any()
    np.testing.assert_allclose(found.open_members, log_odds.shape[1])


@given(tables(st.integers(0, 6)))
def test_no_member_is_one_face_twice(log_odds: Table) -> None:
    found = joint_posterior(log_odds)
    assert (found.once.sum(axis=0) <= 1 + 1e-9).all()
    assert (found.shown.sum(axis=1) <= 1 + 1e-9).all()
    assert ((found.open_members >= 1 - 1e-9) & (found.open_members <= len(log_odds.T))).all()


@pytest.mark.parametrize("shape", [(40, 6), (6, 40), (14, 14)])
def test_extreme_odds_of_many_faces_are_finite(shape: tuple[int, int]) -> None:
    log_odds = np.random.default_rng(0).choice([-12.0, 12.0], shape)
    found = joint_posterior(log_odds)
    assert np.isfinite(found.shown).all()
    assert (found.once.sum(axis=0) <= 1 + 1e-9).all()


def test_the_last_face_is_the_last_member_although_it_shows_little() -> None:
    log_odds = np.full((4, 4), -4.0)
    log_odds[np.arange(3), np.arange(3)] = 8
    log_odds[3] = 1.0
    alone, together = joint_posterior(log_odds[3:]).shown[0], joint_posterior(log_odds).shown[3]
    assert alone[3] < 0.3
    assert together[3] > 0.9


def test_a_face_among_non_members_is_more_likely_one() -> None:
    log_odds = np.vstack([np.full((6, 3), -6.0), np.full((1, 3), 0.5)])
    alone, together = joint_posterior(log_odds[6:]).shown[0], joint_posterior(log_odds).shown[6]
    assert together.sum() < 0.5 < alone.sum()


def test_two_clear_faces_of_one_person_are_both_the_members() -> None:
    found = joint_posterior(np.array([[11.0, -5.0], [10.0, -5.0]]))
    assert (found.shown[:, 0] > 0.9).all()
    assert found.once[0, 0] > found.once[1, 0]


@given(st.integers(0, 100), st.integers(1, 6), st.integers(1, 6))
def test_the_sides_are_alike(seed: int, rows: int, columns: int) -> None:
    odds = np.exp(np.random.default_rng(seed).normal(0, 3, (rows, columns)))
    prior = log_prior(rows, columns)
    one, other = exact_marginals(odds, prior), exact_marginals(odds.T, prior).T
    np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_allclose(one, pair_marginals(odds, prior), atol=1e-9)


@pytest.mark.parametrize("shape", [(12, 12), (20, 10), (5, 12)])
def test_belief_propagation_is_near_the_exact_marginals(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(1)
    for _ in range(5):
        log_odds = random.normal(-3, 3, shape)
        log_odds[np.diag_indices(min(shape))] += 5
        exact, near = (
            solve(np.exp(log_odds), log_prior(*shape))
            for solve in (exact_marginals, propagated_marginals)
        )
        assert np.abs(exact - near).max() < 0.2
        assert np.abs(exact - near).mean() < 0.01


@pytest.mark.parametrize("shape", [(9, 9), (8, 12), (12, 8)])
def test_what_is_open_beside_certain_pairs_is_summed_exactly(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_odds = np.random.default_rng(1).normal(-1, 3, shape)
    log_odds[:5] -= 8
    log_odds[:, :5] -= 8
    log_odds[np.arange(5), np.arange(5)] = 11
    odds, prior = np.exp(log_odds), log_prior(*shape)
    exact = exact_marginals(odds, prior)
    monkeypatch.setattr("closeup.identity.joint.MOST_EXACT", 4)
    np.testing.assert_allclose(pair_marginals(odds, prior), exact, atol=3e-3)


def test_a_class_of_many_known_pupils() -> None:
    log_odds = np.full((30, 40), -6.0)
    log_odds[np.arange(30), np.arange(30)] = 5
    found = joint_posterior(log_odds).shown
    assert (found.argmax(axis=1) == np.arange(30)).all()
    assert found.max(axis=1).min() > 0.95
