from __future__ import annotations

import numpy as np
import pytest

from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.uncertainty import (
    UNCERTAINTIES,
    combined_rank,
    drawn_at_random,
    ensemble_spread,
    known_uncertainties,
)
from tests.acquisition.measured import candidates


def test_the_spread_is_the_root_of_the_summed_variances() -> None:
    predictions = np.random.default_rng(0).normal(size=(4, 6, 3))
    expected = np.sqrt(predictions.var(axis=0, ddof=1).sum(axis=1))
    np.testing.assert_allclose(ensemble_spread(predictions), expected)


def test_models_that_found_nothing_do_not_count() -> None:
    predictions = np.array([[[0.0], [0], [0]], [[2], [np.nan], [0]], [[np.nan], [np.nan], [0]]])
    np.testing.assert_allclose(ensemble_spread(predictions), [np.sqrt(2), np.nan, 0])


def test_the_most_uncertain_come_first_with_their_values() -> None:
    known = LabelCandidates(
        np.arange(3),
        predictions=np.array([[[0.0], [0], [0]], [[0.2], [0.1], [0.3]]]),
        expected=np.array([0.01, 0.05, 0.02]),
        bad=np.array([0.1, 0.9, 0.5]),
        unit="eye distances",
    )
    rng = np.random.default_rng(0)
    spread = UNCERTAINTIES["spread"](known, 2, rng)
    assert spread.rows.tolist() == [2, 0]
    assert spread.reasons[0] == "the models differ by 0.21 eye distances"
    expected = UNCERTAINTIES["expected-error"](known, 1, rng)
    assert expected.reasons == ("the model expects to be off by 0.05 eye distances",)
    bad = UNCERTAINTIES["quality"](known, 3, rng)
    assert bad.rows.tolist() == [1, 2, 0]
    assert bad.reasons[0] == "the proposed label is wrong with 90% probability"


def test_known_uncertainties_are_those_that_were_measured() -> None:
    assert set(known_uncertainties(candidates(4))) == set(UNCERTAINTIES)
    one = LabelCandidates(
        np.arange(2), predictions=np.zeros((1, 2, 2)), bad=np.zeros(2), change=np.full(2, np.nan)
    )
    assert list(known_uncertainties(one)) == ["quality"]


def test_combined_ranks() -> None:
    first = np.array([0.1, 0.2, 0.3, np.nan])
    second = np.array([5.0, 5.0, 1.0, np.nan])
    np.testing.assert_allclose(combined_rank([first]), [0, 0.5, 1, 0.5])
    np.testing.assert_allclose(combined_rank([second]), [0.75, 0.75, 0, 0.5])
    np.testing.assert_allclose(combined_rank([first, second]), [0.375, 0.625, 0.5, 0.5])


def test_random_draws_are_even() -> None:
    rng = np.random.default_rng(0)
    every = LabelCandidates(np.arange(10))
    counts = np.bincount(
        np.concatenate([drawn_at_random(every, 3, rng).rows for _ in range(2000)]), minlength=10
    )
    assert counts == pytest.approx(600, abs=100)
