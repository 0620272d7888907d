"""What all functions that choose have in common."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.mixture import Mixture
from closeup.acquisition.strategies import ACQUISITIONS, acquisition_of
from closeup.errors import InputError
from tests.acquisition.measured import candidates

NAMES = [
    "mixed", "random", "spread", "entropy", "expected-error", "disagreement", "quality", "temporal",
    "core-set", "typicality", "covariance",
]  # fmt: skip
BY_MEASURES = [name for name in NAMES if name not in {"mixed", "random"}]


def permuted(given_: LabelCandidates, order: np.ndarray) -> LabelCandidates:
    return replace(
        given_,
        **{
            field.name: values[:, order] if field.name == "predictions" else values[order]
            for field in fields(given_)
            if field.name not in {"labelled", "unit"}
            and (values := getattr(given_, field.name)) is not None
        },
    )


def test_the_names() -> None:
    assert list(ACQUISITIONS) == NAMES


def test_an_unknown_name() -> None:
    assert acquisition_of("random") is ACQUISITIONS["random"]
    with pytest.raises(InputError, match="'rnd' is no strategy; known are mixed, random"):
        acquisition_of("rnd")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(
    count=st.integers(0, 40),
    budget=st.integers(0, 50),
    unknown=st.sampled_from([0.0, 0.2, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_chooses_the_budget_once_each_and_the_same_again(
    name: str, count: int, budget: int, unknown: float, seed: int
) -> None:
    known = candidates(count, seed, unknown=unknown)
    choose = ACQUISITIONS[name]
    chosen, again = (choose(known, budget, np.random.default_rng(seed)) for _ in range(2))
    assert len(chosen.rows) == min(budget, count)
    assert len(set(chosen.rows.tolist())) == len(chosen.rows)
    assert all(0 <= row < count for row in chosen.rows)
    assert all(reason and "nan" not in reason for reason in chosen.reasons)
    np.testing.assert_array_equal(chosen.rows, again.rows)
    assert chosen.reasons == again.reasons


@pytest.mark.parametrize(
    "name",
    [name for name in BY_MEASURES if name != "typicality"],  # k-means begins at random
)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_samples_does_not_matter(name: str, seed: int) -> None:
    known = candidates(20, seed)
    order = np.random.default_rng(seed).permutation(20)
    choose = ACQUISITIONS[name]
    chosen = choose(known, 6, np.random.default_rng(0)).rows
    of_permuted = choose(permuted(known, order), 6, np.random.default_rng(0)).rows
    np.testing.assert_array_equal(order[of_permuted], chosen)


@pytest.mark.parametrize("name", BY_MEASURES)
def test_a_measure_that_was_not_made(name: str) -> None:
    with pytest.raises(InputError, match="not known"):
        ACQUISITIONS[name](LabelCandidates(np.arange(5)), 2, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["spread", "covariance"])
def test_one_model_is_no_ensemble(name: str) -> None:
    alone = candidates(5, predictions=np.zeros((1, 5, 2)))
    with pytest.raises(InputError, match="two models or more"):
        ACQUISITIONS[name](alone, 2, np.random.default_rng(0))


@pytest.mark.parametrize("name", BY_MEASURES)
def test_samples_without_a_measure_come_last(name: str) -> None:
    known = candidates(10)
    for measure in ("entropy", "expected", "disagreement", "bad", "change", "features"):
        getattr(known, measure)[[2, 7]] = np.nan
    assert known.predictions is not None
    known.predictions[1:, [2, 7]] = np.nan
    chosen = ACQUISITIONS[name](known, 10, np.random.default_rng(0))
    assert set(chosen.rows[-2:].tolist()) == {2, 7}
    assert chosen.reasons[-2:] == ("drawn at random",) * 2


def test_measures_of_another_number_of_samples() -> None:
    with pytest.raises(ValueError, match="bad of shape"):
        LabelCandidates(np.arange(3), bad=np.zeros(4))
    with pytest.raises(ValueError, match="predictions of shape"):
        LabelCandidates(np.arange(3), predictions=np.zeros((3, 4, 2)))


def test_the_mixture_draws_without_any_measure() -> None:
    chosen = Mixture()(LabelCandidates(np.arange(9)), 4, np.random.default_rng(0))
    assert chosen.reasons == ("drawn at random",) * 4
